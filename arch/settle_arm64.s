//go:build linux && go1.26 && !go1.28

#include "go_asm.h"
#include "textflag.h"

// func settle(t *localTable, v unsafe.Pointer)
//
//	R0 = t   R1 = v   R2 = the stack's end   R4 = the mark, as findLocal makes it
TEXT ·settle(SB), NOSPLIT, $0-16
	MOVD	t+0(FP), R0
	MOVD	v+8(FP), R1
	MOVD	const_gStackHi(g), R2
	MOVD	const_gGoid(g), R3
	MOVD	$const_spread, R4
	MADD	R4, R0, R3, R4
	MOVD	R1, const_settledValue(R2)
	MOVD	R4, const_settledMark(R2)
	RET
