#include "go_asm.h"
#include "textflag.h"

// func findLocal(head *localEntry) unsafe.Pointer
//
//	BX = head   DX = the key: g   SI = mask   CX = the slot
TEXT ·findLocal(SB), NOSPLIT, $0-16
	MOVQ	head+0(FP), BX
	TESTQ	BX, BX
	JEQ	none
	MOVQ	TLS, CX
	MOVQ	0(CX)(TLS*1), DX
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
