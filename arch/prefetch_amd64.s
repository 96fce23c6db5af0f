//go:build linux && go1.26 && !go1.28

#include "go_asm.h"
#include "textflag.h"

// func prefetch(p unsafe.Pointer)
TEXT ·prefetch(SB), NOSPLIT, $0-8
	MOVQ	p+0(FP), AX
	PREFETCHT0	0(AX)
	PREFETCHT0	64(AX)
	PREFETCHT0	128(AX)
	RET

// func prefetchG(gp unsafe.Pointer)
TEXT ·prefetchG(SB), NOSPLIT, $0-8
	MOVQ	gp+0(FP), AX
	PREFETCHT0	const_gStackguard0(AX)
	PREFETCHT0	const_gSchedPC(AX)
	PREFETCHT0	const_gAtomicstatus(AX)
	PREFETCHT0	const_gLockedm(AX)
	PREFETCHT0	const_gGoroutineProfiled(AX)
	PREFETCHT0	const_gBubble(AX)
	RET

// func prefetchStack(gp unsafe.Pointer)
//
// From where the goroutine was switched from up to who called Yield or the like.
TEXT ·prefetchStack(SB), NOSPLIT, $0-8
	MOVQ	gp+0(FP), AX
	MOVQ	const_gSchedSP(AX), AX
	PREFETCHT0	0(AX)
	PREFETCHT0	64(AX)
	PREFETCHT0	128(AX)
	PREFETCHT0	192(AX)
	PREFETCHT0	256(AX)
	PREFETCHT0	320(AX)
	RET
