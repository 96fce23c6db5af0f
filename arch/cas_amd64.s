//go:build linux && go1.26 && !go1.28

#include "textflag.h"

// func cas(p *uint32, old, new uint32) bool
TEXT ·cas(SB), NOSPLIT, $0-17
	MOVQ	p+0(FP), BX
	MOVL	old+8(FP), AX
	MOVL	new+12(FP), CX
	LOCK
	CMPXCHGL	CX, 0(BX)
	SETEQ	ret+16(FP)
	RET
