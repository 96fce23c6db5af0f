//go:build linux && go1.26 && !go1.28

#include "go_asm.h"
#include "textflag.h"

// func markPreempt(gp unsafe.Pointer, mark uint8) (tid uint64)
//
// See preempt_amd64.s.
TEXT ·markPreempt(SB), NOSPLIT|NOFRAME, $0-24
	MOVD	gp+0(FP), R3
	MOVD	ZR, R0

	// 1. Lock g while it runs.
	ADD	$const_gAtomicstatus, R3, R5
	MOVW	$(const_statusScan | const_statusRunning), R7
lock:
	LDAXRW	(R5), R6
	CMPW	$const_statusRunning, R6
	BNE	busy
	STLXRW	R7, (R5), R8
	CBNZ	R8, lock

	// 2. Ask, or take it back, and learn whom to signal.
	MOVBU	mark+8(FP), R10
	CMPW	$const_markNothing, R10
	BEQ	thread
	MOVB	R10, const_gPreemptStop(R3)
	MOVB	R10, const_gPreempt(R3)
thread:
	MOVD	const_gM(R3), R4
	MOVD	const_mProcid(R4), R0
	MOVW	$const_statusRunning, R6
	STLRW	R6, (R5)
	B	done
busy:
	CLREX
done:
	MOVD	R0, tid+16(FP)
	RET
