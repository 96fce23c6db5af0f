#include "go_asm.h"
#include "textflag.h"

// func findLocal(t *localTable) unsafe.Pointer
//
//	BX = t, then its head   DX = g, the key   SI = mask   CX = the slot
TEXT ·findLocal(SB), NOSPLIT, $0-16
	MOVQ	t+0(FP), BX
	MOVQ	TLS, CX
	MOVQ	0(CX)(TLS*1), DX
#ifdef const_settledMark
	// A goroutine that has settled: see settle_native.go.
	MOVQ	const_gStackHi(DX), AX
	MOVQ	$const_spread, CX
	IMULQ	const_gGoid(DX), CX
	ADDQ	BX, CX
	CMPQ	CX, const_settledMark(AX)
	JNE	table
	MOVQ	const_settledValue(AX), AX
	MOVQ	AX, ret+8(FP)
	RET
table:
#endif
	MOVQ	localTable_head(BX), BX
	TESTQ	BX, BX
	JEQ	none
	MOVQ	localEntry_key(BX), SI
	MOVQ	$const_spread, CX
	IMULQ	DX, CX
	SHRQ	$32, CX

	// From the first slot on, until the key or an entry that was never used. The head is
	// before the entries.
probe:
	ANDQ	SI, CX
	INCQ	CX
	MOVQ	CX, AX
	SHLQ	$4, AX // localEntry__size
	MOVQ	localEntry_key(BX)(AX*1), DI
	CMPQ	DI, DX
	JEQ	found
	TESTQ	DI, DI
	JNE	probe
none:
	MOVQ	$0, ret+8(FP)
	RET
found:
	MOVQ	localEntry_value(BX)(AX*1), AX
	MOVQ	AX, ret+8(FP)
	RET
