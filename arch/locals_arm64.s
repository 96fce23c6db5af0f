#include "go_asm.h"
#include "textflag.h"

// func findLocal(head *localEntry) unsafe.Pointer
//
//	R0 = head   g = the key   R1 = mask   R2 = the slot
TEXT ·findLocal(SB), NOSPLIT, $0-16
	MOVD	head+0(FP), R0
	CBZ	R0, none
	MOVD	localEntry_key(R0), R1
	MOVD	$const_spread, R2
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
