//go:build linux && go1.26 && !go1.28

#include "go_asm.h"
#include "textflag.h"

// func enterSlot(s *Slot, fn func())
//
// Moves the calling goroutine to the stack of s, calls fn there, and returns on the
// goroutine's own stack when fn has returned, or leaveSlot was called. What it makes of the
// slot is what newproc1 (runtime/proc.go, go1.26 and go1.27) makes of a new goroutine's
// stack, with slotReturn in the place of goexit.
//
// Being assembly it is never asynchronously preempted. So nobody finds the goroutine with
// its stack pointer outside of g.stack: others look at that while it is stopped. A request to
// preempt that is overwritten in stackguard0 is made again, as after copystack
// (runtime/stack.go).
//
// Its frame is as large as leaveSlot's: what it saves there of the caller's registers,
// that one restores.
//
//	AX = s   DX = fn   R14 = g   BX = the stack pointer of slotReturn
TEXT ·enterSlot(SB), NOSPLIT, $8-16
	MOVQ	s+0(FP), AX
	MOVQ	fn+8(FP), DX
	MOVQ	TLS, CX
	MOVQ	0(CX)(TLS*1), R14

	// 1. Keep the goroutine's own stack, which nobody scans or moves from here on.
	MOVQ	const_gStackLo(R14), CX
	MOVQ	CX, Slot_homeLo(AX)
	MOVQ	const_gStackHi(R14), CX
	MOVQ	CX, Slot_homeHi(AX)
	MOVQ	const_gStktopsp(R14), CX
	MOVQ	CX, Slot_homeTop(AX)
	MOVQ	const_gPanic(R14), CX
	MOVQ	CX, Slot_homePanic(AX)
	MOVQ	SP, Slot_homeSP(AX)

	// 2. Make the slot's stack the goroutine's.
	MOVQ	Slot_lo(AX), CX
	MOVQ	CX, const_gStackLo(R14)
	MOVQ	Slot_hi(AX), CX
	MOVQ	CX, const_gStackHi(R14)
	MOVQ	Slot_guard(AX), CX
	MOVQ	CX, const_gStackguard0(R14)
	MOVQ	Slot_top(AX), BX
	MOVQ	BX, const_gStktopsp(R14)

	// 3. Call fn as if slotReturn did, which has s where leaveSlot has its argument. A
	// frame pointer of 0 ends the chain of those.
	MOVQ	AX, 8(BX)
	LEAQ	·slotReturn(SB), CX
	INCQ	CX
	MOVQ	CX, -8(BX)
	LEAQ	-8(BX), SP
	XORL	BP, BP
	XORPS	X15, X15
	MOVQ	0(DX), CX
	JMP	CX

// slotReturn is the outermost function on a slot, at which all that walks a stack ends. fn
// returns to its second instruction, as to goexit's (runtime/asm_amd64.s): who takes 1 from
// that for the address of the call is still in slotReturn.
TEXT ·slotReturn(SB), NOSPLIT|TOPFRAME|NOFRAME, $0-0
	BYTE	$0x90 // NOP
	JMP	·leaveSlot(SB)

// func leaveSlot(s *Slot)
//
// Goes back to the goroutine's own stack, from wherever on the slot: enterSlot returns.
TEXT ·leaveSlot(SB), NOSPLIT, $8-8
	MOVQ	s+0(FP), AX
	MOVQ	TLS, CX
	MOVQ	0(CX)(TLS*1), R14
	MOVQ	Slot_homeLo(AX), CX
	MOVQ	CX, const_gStackLo(R14)
	ADDQ	Slot_guard(AX), CX
	SUBQ	Slot_lo(AX), CX
	MOVQ	CX, const_gStackguard0(R14)
	MOVQ	Slot_homeHi(AX), CX
	MOVQ	CX, const_gStackHi(R14)
	MOVQ	Slot_homeTop(AX), CX
	MOVQ	CX, const_gStktopsp(R14)
	// runtime.Goexit has left its own, which is on the slot. gdestroy (runtime/proc.go)
	// forgets it, too.
	MOVQ	Slot_homePanic(AX), CX
	MOVQ	CX, const_gPanic(R14)
	MOVQ	Slot_homeSP(AX), SP
	RET
