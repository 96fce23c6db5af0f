//go:build linux && go1.26 && !go1.28

#include "go_asm.h"
#include "textflag.h"

// func markPreempt(gp unsafe.Pointer, mark uint8) (tid uint64)
//
// Holds g's status at Gscan|Grunning, so that g.m can't go away, while it asks g to
// park at its next asynchronous safe point, or takes that back, or only looks.
// Assembly, because stopping in between would leave the status held.
TEXT ·markPreempt(SB), NOSPLIT, $0-24
	MOVQ	gp+0(FP), BX
	MOVQ	$0, R8

	// 1. Lock g while it runs.
	MOVL	$const_statusRunning, AX
	MOVL	$(const_statusScan | const_statusRunning), CX
	LOCK
	CMPXCHGL	CX, const_gAtomicstatus(BX)
	JNE	done

	// 2. Ask, or take it back, and learn whom to signal.
	MOVBLZX	mark+8(FP), AX
	CMPL	AX, $const_markNothing
	JEQ	thread
	MOVB	AX, const_gPreemptStop(BX)
	MOVB	AX, const_gPreempt(BX)
thread:
	MOVQ	const_gM(BX), DX
	MOVQ	const_mProcid(DX), R8
	MOVL	$const_statusRunning, AX
	XCHGL	AX, const_gAtomicstatus(BX)
done:
	MOVQ	R8, tid+16(FP)
	RET
