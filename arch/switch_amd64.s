//go:build linux && go1.26 && !go1.28

#include "go_asm.h"
#include "textflag.h"

// func switchg(from, to *Fiber, lock *Lock) (how Departure)
//
// Leaves the calling goroutine A (from.g) parked as Gwaiting and goes straight
// on in B (to.g), which must be parked, on the same OS thread. It is what
// coroswitch_m (runtime/coro.go) and gogo (runtime/asm_amd64.s) of go1.26 and
// go1.27 do between them, in an order that holds when A and B are not tied to
// each other. The caller holds one Pin, which a successful switch takes back, and
// lock, which may be nil, and which is released once A is off its stack.
//
// With a lock, nobody but the collector changes the status of A or B meanwhile.
// The collector does so while it marks, which begins and ends with the world
// stopped, and so not while the caller is pinned. While writeBarrier is 0 (mgc.go:
// it is set exactly while the collector marks) both changes are plain stores.
//
// Being assembly it is never asynchronously preempted, and writing SP marks it
// SPWRITE, at which the profiler's unwinder stops.
//
//	BX = B   R14 = A   DX = m   SI = from   DI = to   R10 = lock   R11 = how
TEXT ·switchg(SB), NOSPLIT, $0-25
	MOVQ	from+0(FP), SI
	MOVQ	to+8(FP), DI
	MOVQ	lock+16(FP), R10
	MOVQ	const_fiberG(DI), BX
	MOVQ	TLS, R9
	MOVQ	0(R9)(TLS*1), R14
	MOVL	$const_ByLocks, R11
	TESTQ	R10, R10
	JEQ	claim
	MOVL	runtime·writeBarrier(SB), CX
	TESTL	CX, CX
	JNE	claim
	MOVL	$const_ByStores, R11

	// 1. B is ours while lock is held: it only has to be parked.
	CMPL	const_gAtomicstatus(BX), $const_statusWaiting
	JNE	refuse
	JMP	claimed

	// 1. Or lock B: while its status has the scan bit nobody else may change it.
	// Nothing of B is written before this has succeeded.
claim:
	MOVL	$const_statusWaiting, AX
	MOVL	$(const_statusScan | const_statusWaiting), CX
	LOCK
	CMPXCHGL	CX, const_gAtomicstatus(BX)
	JNE	refuse

	// B.m must be valid before B is seen running. Preemption requests that
	// came for an earlier turn of B end here, and so does the time for which the
	// collector has seen it wait: stack traces would add it to its next wait in Go.
claimed:
	MOVQ	const_gM(R14), DX
	MOVQ	DX, const_gM(BX)
	MOVB	$0, const_gPreempt(BX)
	MOVB	$0, const_gPreemptStop(BX)
	MOVQ	$0, const_gWaitsince(BX)
	MOVL	$const_wordRunning, const_fiberWord(DI)
	MOVL	$const_statusRunning, const_gAtomicstatus(BX)

	// 2. Save A in A.sched, which the collector adjusts if it moves A's stack.
	// The result is on A's stack and moves with it.
	MOVB	R11, how+24(FP)
	MOVQ	SP, AX
	MOVQ	0(AX), CX
	MOVQ	CX, const_gSchedPC(R14)
	LEAQ	8(AX), CX
	MOVQ	CX, const_gSchedSP(R14)
	MOVQ	BP, const_gSchedBP(R14)
	MOVQ	$0, const_gSchedCtxt(R14)
	// What it last waited for in Go is over: see leak detection, isMaybeRunnable in
	// runtime/mgc.go, and traces, goStatusToTraceGoStatus in runtime/tracestatus.go.
	MOVB	$const_waitReasonZero, const_gWaitreason(R14)

	// 3. This OS thread runs B now: a signal from here on finds B.
	MOVQ	R14, R8
	MOVQ	BX, const_mCurg(DX)
	MOVQ	TLS, R9
	MOVQ	BX, 0(R9)(TLS*1)
	MOVQ	BX, R14

	// 4. Let go of A. While the collector marks it may hold Gscan|Grunning for a
	// moment. A.m stays valid as long as A is seen running.
	CMPL	R11, $const_ByStores
	JNE	shared
	MOVL	$const_statusWaiting, const_gAtomicstatus(R8)
	JMP	parked
shared:
	MOVL	$const_statusWaiting, CX
park:
	MOVL	$const_statusRunning, AX
	LOCK
	CMPXCHGL	CX, const_gAtomicstatus(R8)
	JEQ	parked
	PAUSE
	JMP	park
parked:
	MOVQ	$0, const_gM(R8)

	// From these stores on others may resume A, and use what lock guards.
	MOVL	$const_wordParked, const_fiberWord(SI)
	TESTQ	R10, R10
	JEQ	unlocked
	MOVL	$0, (R10)
unlocked:

	// sysmon takes a P whose schedtick stands still for hogged: move it.
	MOVQ	const_mP(DX), CX
	INCL	const_pSchedtick(CX)
	// The Pin of A's side ends with A's turn.
	DECL	const_mLocks(DX)

	// 5. Continue B where it was saved, as gogo does, but by RET: A came here by a
	// CALL, and the processor predicts each RET by the CALL that it belongs to. The
	// word below B's stack pointer is free, since B was parked there by a CALL.
	MOVQ	const_gSchedPC(BX), CX
	MOVQ	const_gSchedSP(BX), AX
	MOVQ	const_gSchedCtxt(BX), DX
	MOVQ	const_gSchedBP(BX), BP
	MOVQ	$0, const_gSchedSP(BX)
	MOVQ	$0, const_gSchedCtxt(BX)
	MOVQ	$0, const_gSchedBP(BX)
	MOVQ	CX, -8(AX)
	LEAQ	-8(AX), SP
	RET

refuse:
	MOVB	$const_ByGo, how+24(FP)
	RET
