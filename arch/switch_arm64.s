//go:build linux && go1.26 && !go1.28

#include "go_asm.h"
#include "textflag.h"

// func switchg(from, to *Fiber, lock *Lock) (how Departure)
//
// See switch_amd64.s for the contract and the reasons: the steps are the same,
// in the same order. Loads and stores that publish are acquire and release
// here, where amd64 has them for nothing.
//
// g is kept in its register only: with cgo it would also have to be written to
// the C library's thread-local storage, which is out of reach from here, so the
// self-check refuses the Native engine there.
//
//	R3 = B   g = A   R4 = m   R1 = from   R2 = to   R9 = lock   R10 = how
TEXT ·switchg(SB), NOSPLIT|NOFRAME, $0-25
	MOVD	from+0(FP), R1
	MOVD	to+8(FP), R2
	MOVD	lock+16(FP), R9
	MOVD	const_fiberG(R2), R3
	ADD	$const_gAtomicstatus, R3, R5
	MOVD	$const_ByLocks, R10
	CBZ	R9, claim
	MOVWU	runtime·writeBarrier(SB), R6
	CBNZW	R6, claim
	MOVD	$const_ByStores, R10

	// 1. B is ours while lock is held: it only has to be parked.
	LDARW	(R5), R6
	CMPW	$const_statusWaiting, R6
	BNE	refuse
	B	claimed

	// 1. Or lock B.
claim:
	MOVW	$(const_statusScan | const_statusWaiting), R7
try:
	LDAXRW	(R5), R6
	CMPW	$const_statusWaiting, R6
	BNE	busy
	STLXRW	R7, (R5), R8
	CBNZ	R8, try

	// B.m before B is seen running; old preemption requests, and waits, end here.
claimed:
	MOVD	const_gM(g), R4
	MOVD	R4, const_gM(R3)
	MOVB	ZR, const_gPreempt(R3)
	MOVB	ZR, const_gPreemptStop(R3)
	MOVD	ZR, const_gWaitsince(R3)
	MOVW	$const_wordRunning, R6
	MOVW	R6, const_fiberWord(R2)
	MOVW	$const_statusRunning, R6
	STLRW	R6, (R5)

	// 2. Save A in A.sched; the result is on A's stack.
	MOVB	R10, how+24(FP)
	MOVD	RSP, R6
	MOVD	LR, const_gSchedPC(g)
	MOVD	R6, const_gSchedSP(g)
	MOVD	R29, const_gSchedBP(g)
	MOVD	ZR, const_gSchedLR(g)
	MOVD	ZR, const_gSchedCtxt(g)
	MOVB	ZR, const_gWaitreason(g) // waitReasonZero

	// 3. This OS thread runs B now.
	MOVD	g, R11
	MOVD	R3, const_mCurg(R4)
	MOVD	R3, g

	// 4. Let go of A; A.m stays valid as long as A is seen running.
	ADD	$const_gAtomicstatus, R11, R5
	MOVW	$const_statusWaiting, R7
	CMPW	$const_ByStores, R10
	BNE	park
	STLRW	R7, (R5)
	B	parked
park:
	LDAXRW	(R5), R6
	CMPW	$const_statusRunning, R6
	BNE	held
	STLXRW	R7, (R5), R8
	CBZ	R8, parked
	B	park
held:
	CLREX
	YIELD
	B	park
parked:
	MOVD	ZR, const_gM(R11)

	// From these stores on others may resume A, and use what lock guards.
	MOVW	$const_wordParked, R6
	ADD	$const_fiberWord, R1, R5
	STLRW	R6, (R5)
	CBZ	R9, unlocked
	STLRW	ZR, (R9)
unlocked:

	// Move the P's schedtick for sysmon; end the Pin of A's side.
	MOVD	const_mP(R4), R6
	MOVWU	const_pSchedtick(R6), R7
	ADDW	$1, R7, R7
	MOVW	R7, const_pSchedtick(R6)
	MOVW	const_mLocks(R4), R7
	SUBW	$1, R7, R7
	MOVW	R7, const_mLocks(R4)

	// 5. Continue B where it was saved, as gogo does: by a jump, since B may have to
	// go on with another LR. A switch is half a call and half a return here, as in Go.
	MOVD	const_gSchedPC(R3), R6
	MOVD	const_gSchedSP(R3), R0
	MOVD	R0, RSP
	MOVD	const_gSchedBP(R3), R29
	MOVD	const_gSchedLR(R3), LR
	MOVD	const_gSchedCtxt(R3), R26
	MOVD	ZR, const_gSchedSP(R3)
	MOVD	ZR, const_gSchedBP(R3)
	MOVD	ZR, const_gSchedLR(R3)
	MOVD	ZR, const_gSchedCtxt(R3)
	CMP	ZR, ZR
	B	(R6)

busy:
	CLREX
refuse:
	MOVB	ZR, how+24(FP)
	RET
