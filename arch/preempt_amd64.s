//go:build linux && go1.26 && !go1.28

#include "go_asm.h"
#include "textflag.h"

// func requestPreempt(gp unsafe.Pointer, turn *atomic.Uint64, want uint64) (tid uint64)
//
// Holds g's status at Gscan|Grunning, so that g.m can't go away and g can't
// change turns, while it asks g to park at its next asynchronous safe point.
// Assembly, because stopping in between would leave the status held.
TEXT ·requestPreempt(SB), NOSPLIT, $0-32
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

	// 3. Ask, and learn whom to signal.
	MOVB	$1, const_gPreemptStop(BX)
	MOVB	$1, const_gPreempt(BX)
	MOVQ	const_gM(BX), DX
	MOVQ	const_mProcid(DX), R8
unlock:
	MOVL	$const_statusRunning, AX
	XCHGL	AX, const_gAtomicstatus(BX)
done:
	MOVQ	R8, tid+24(FP)
	RET
