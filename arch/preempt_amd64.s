//go:build linux && go1.26 && !go1.28

#include "go_asm.h"
#include "textflag.h"

// func markPreempt(gp unsafe.Pointer, turn *atomic.Uint64, want uint64, mark uint8) (tid uint64)
//
// Holds g's status at Gscan|Grunning, so that g.m can't go away and g can't
// change turns, while it asks g to park at its next asynchronous safe point, or
// takes that back, or only looks. Assembly, because stopping in between would
// leave the status held.
TEXT ·markPreempt(SB), NOSPLIT, $0-40
	MOVQ	gp+0(FP), BX
	MOVQ	turn+8(FP), SI
	MOVQ	want+16(FP), DI
	MOVQ	$0, R8

	// 1. Lock g while it runs.
	MOVL	$const_statusRunning, AX
	MOVL	$(const_statusScan | const_statusRunning), CX
	LOCK
	CMPXCHGL	CX, const_gAtomicstatus(BX)
	JNE	done

	// 2. Still the turn that was meant?
	CMPQ	DI, 0(SI)
	JNE	unlock

	// 3. Ask, or take it back, and learn whom to signal.
	MOVBLZX	mark+24(FP), AX
	CMPL	AX, $const_markNothing
	JEQ	thread
	MOVB	AX, const_gPreemptStop(BX)
	MOVB	AX, const_gPreempt(BX)
thread:
	MOVQ	const_gM(BX), DX
	MOVQ	const_mProcid(DX), R8
unlock:
	MOVL	$const_statusRunning, AX
	XCHGL	AX, const_gAtomicstatus(BX)
done:
	MOVQ	R8, tid+32(FP)
	RET
