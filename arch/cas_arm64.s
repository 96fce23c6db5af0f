//go:build linux && go1.26 && !go1.28

#include "textflag.h"

// func cas(p *uint32, old, new uint32) bool
TEXT ·cas(SB), NOSPLIT|NOFRAME, $0-17
	MOVD	p+0(FP), R0
	MOVW	old+8(FP), R1
	MOVW	new+12(FP), R2
loop:
	LDAXRW	(R0), R3
	CMPW	R1, R3
	BNE	differs
	STLXRW	R2, (R0), R4
	CBNZ	R4, loop
	MOVD	$1, R0
	MOVB	R0, ret+16(FP)
	RET
differs:
	CLREX
	MOVB	ZR, ret+16(FP)
	RET
