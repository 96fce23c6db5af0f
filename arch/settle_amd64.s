//go:build linux && go1.26 && !go1.28

#include "go_asm.h"
#include "textflag.h"

// func settle(t *localTable, v unsafe.Pointer)
//
//	BX = t   SI = v   DX = g   AX = the stack's end   CX = the mark, as findLocal makes it
TEXT ·settle(SB), NOSPLIT, $0-16
	MOVQ	t+0(FP), BX
	MOVQ	v+8(FP), SI
	MOVQ	TLS, CX
	MOVQ	0(CX)(TLS*1), DX
	MOVQ	const_gStackHi(DX), AX
	MOVQ	$const_spread, CX
	IMULQ	const_gGoid(DX), CX
	ADDQ	BX, CX
	MOVQ	SI, const_settledValue(AX)
	MOVQ	CX, const_settledMark(AX)
	RET
