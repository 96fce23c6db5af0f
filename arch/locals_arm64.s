#include "go_asm.h"
#include "textflag.h"

// func findLocal(t *localTable) unsafe.Pointer
//
//	R0 = t, then its head   g = the key   R1 = mask   R2 = the slot
TEXT ·findLocal(SB), NOSPLIT, $0-16
	MOVD	t+0(FP), R0
	MOVD	$const_spread, R2
#ifdef const_settledMark
	// A goroutine that has settled: see settle_native.go.
	MOVD	const_gStackHi(g), R3
	MOVD	const_gGoid(g), R4
	MADD	R2, R0, R4, R4
	MOVD	const_settledMark(R3), R5
	CMP	R4, R5
	BNE	table
	MOVD	const_settledValue(R3), R4
	MOVD	R4, ret+8(FP)
	RET
table:
#endif
	MOVD	localTable_head(R0), R0
	CBZ	R0, none
	MOVD	localEntry_key(R0), R1
	MUL	g, R2, R2
	LSR	$32, R2, R2

	// From the first slot on, until the key or an entry that was never used. The head is
	// before the entries. The goroutine has written its own entry itself, so no load
	// needs to be ordered.
probe:
	AND	R1, R2, R2
	ADD	$1, R2, R2
	ADD	R2<<4, R0, R3 // localEntry__size
	MOVD	localEntry_key(R3), R4
	CMP	g, R4
	BEQ	found
	CBNZ	R4, probe
none:
	MOVD	ZR, ret+8(FP)
	RET
found:
	MOVD	localEntry_value(R3), R4
	MOVD	R4, ret+8(FP)
	RET
