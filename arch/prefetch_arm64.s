//go:build linux && go1.26 && !go1.28

#include "go_asm.h"
#include "textflag.h"

// See prefetch_amd64.s. An offset of PRFM is a multiple of 8.

// func prefetch(p unsafe.Pointer)
TEXT ·prefetch(SB), NOSPLIT, $0-8
	MOVD	p+0(FP), R0
	PRFM	(R0), PLDL1KEEP
	PRFM	64(R0), PLDL1KEEP
	PRFM	128(R0), PLDL1KEEP
	RET

// func prefetchG(gp unsafe.Pointer)
TEXT ·prefetchG(SB), NOSPLIT, $0-8
	MOVD	gp+0(FP), R0
	PRFM	const_gStackguard0(R0), PLDL1KEEP
	PRFM	const_gSchedPC(R0), PLDL1KEEP
	PRFM	const_gAtomicstatus(R0), PLDL1KEEP
	PRFM	const_gLockedm(R0), PLDL1KEEP
	PRFM	(const_gGoroutineProfiled & ~7)(R0), PLDL1KEEP
	PRFM	const_gBubble(R0), PLDL1KEEP
	RET

// func prefetchStack(gp unsafe.Pointer)
TEXT ·prefetchStack(SB), NOSPLIT, $0-8
	MOVD	gp+0(FP), R0
	MOVD	const_gSchedSP(R0), R0
	PRFM	(R0), PLDL1KEEP
	PRFM	64(R0), PLDL1KEEP
	PRFM	128(R0), PLDL1KEEP
	PRFM	192(R0), PLDL1KEEP
	PRFM	256(R0), PLDL1KEEP
	PRFM	320(R0), PLDL1KEEP
	RET
