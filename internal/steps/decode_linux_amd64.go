package steps

// longest is how many bytes of an instruction must be seen to know its kind: the
// prefixes that compilers and people use, an opcode and the byte after it.
const longest = 8

// A kind is what matters of an instruction.
type kind struct {
	locked bool
	// repeated means that a single step executes one round of it, and the
	// instruction pointer stays until the last.
	repeated bool
	// atomic means that it is in one of Go's packages of atomic operations, inlined or
	// not. decode leaves it.
	atomic bool
}

// decode returns the kind of the instruction that begins with code.
func decode(code []byte) kind {
	var k kind
	for i, b := range code {
		switch {
		case b == 0xf0: // LOCK
			k.locked = true
		case b == 0xf2 || b == 0xf3: // REPNE, REP; also part of other opcodes
			k.repeated = true
		case b == 0x66 || b == 0x67 || b == 0x2e || b == 0x36 || b == 0x3e || b == 0x26 || b == 0x64 || b == 0x65:
			// operand size, address size, segments
		case b&0xf0 == 0x40: // REX
		case b == 0x86 || b == 0x87: // XCHG: with memory it is locked without a prefix
			k.locked = k.locked || i+1 < len(code) && code[i+1]>>6 != 3
			return k
		default:
			k.repeated = k.repeated && isString(b)
			return k
		}
	}
	return k
}

// isString tells whether an opcode is of a string instruction, which REP repeats.
func isString(opcode byte) bool {
	switch opcode {
	case 0x6c, 0x6d, 0x6e, 0x6f, // INS, OUTS
		0xa4, 0xa5, 0xa6, 0xa7, // MOVS, CMPS
		0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf: // STOS, LODS, SCAS
		return true
	}
	return false
}
