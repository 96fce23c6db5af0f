//go:build linux && go1.26 && !go1.28

#include "go_asm.h"
#include "textflag.h"

// func enterSlot(s *Slot, fn func())
//
// See slot_amd64.s for the contract and the reasons: the steps are the same, in the same
// order.
//
//	R0 = s   R26 = fn   R1 = the stack pointer of slotReturn
TEXT ·enterSlot(SB), NOSPLIT, $8-16
	MOVD	s+0(FP), R0
	MOVD	fn+8(FP), R26

	// 1. Keep the goroutine's own stack.
	MOVD	const_gStackLo(g), R2
	MOVD	R2, Slot_homeLo(R0)
	MOVD	const_gStackHi(g), R2
	MOVD	R2, Slot_homeHi(R0)
	MOVD	const_gStktopsp(g), R2
	MOVD	R2, Slot_homeTop(R0)
	MOVD	const_gPanic(g), R2
	MOVD	R2, Slot_homePanic(R0)
	MOVD	RSP, R2
	MOVD	R2, Slot_homeSP(R0)

	// 2. Make the slot's stack the goroutine's.
	MOVD	Slot_lo(R0), R2
	MOVD	R2, const_gStackLo(g)
	MOVD	Slot_hi(R0), R2
	MOVD	R2, const_gStackHi(g)
	MOVD	Slot_guard(R0), R2
	MOVD	R2, const_gStackguard0(g)
	MOVD	Slot_top(R0), R1
	MOVD	R1, const_gStktopsp(g)

	// 3. Call fn as if slotReturn did, which has no caller, and s where leaveSlot has its
	// argument.
	MOVD	ZR, 0(R1)
	MOVD	R0, 8(R1)
	MOVD	$·slotReturn(SB), LR
	ADD	$4, LR
	MOVD	R1, RSP
	MOVD	ZR, R29
	MOVD	(R26), R2
	JMP	(R2)

// slotReturn is the outermost function on a slot: see slot_amd64.s.
TEXT ·slotReturn(SB), NOSPLIT|TOPFRAME|NOFRAME, $0-0
	MOVD	R0, R0 // NOP
	JMP	·leaveSlot(SB)

// func leaveSlot(s *Slot)
TEXT ·leaveSlot(SB), NOSPLIT, $8-8
	MOVD	s+0(FP), R0
	MOVD	Slot_homeLo(R0), R2
	MOVD	R2, const_gStackLo(g)
	MOVD	Slot_guard(R0), R3
	ADD	R3, R2, R2
	MOVD	Slot_lo(R0), R3
	SUB	R3, R2, R2
	MOVD	R2, const_gStackguard0(g)
	MOVD	Slot_homeHi(R0), R2
	MOVD	R2, const_gStackHi(g)
	MOVD	Slot_homeTop(R0), R2
	MOVD	R2, const_gStktopsp(g)
	MOVD	Slot_homePanic(R0), R2
	MOVD	R2, const_gPanic(g)
	MOVD	Slot_homeSP(R0), R2
	MOVD	R2, RSP
	MOVD	0(RSP), LR // which RET leaves alone where nothing is called
	RET
