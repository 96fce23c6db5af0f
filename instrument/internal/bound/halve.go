package bound

import (
	"go/token"

	"github.com/gvthread/gvthread/instrument/internal/code"
)

// halved bounds loops such as for x > 0 { x >>= 1 }.
func halved(v *view) Limit {
	for _, c := range v.comparisons() {
		end, ok := v.Constant(c.limit)
		if c.change != halve || !ok {
			continue
		}
		obj, zero := v.ObjectOf(c.x), true
		for _, w := range v.writes[obj] {
			zero = zero && w.toZero
		}
		if c.op == token.GTR && end >= 0 || c.op == token.GEQ && end >= 1 || c.op == token.NEQ && end == 0 && zero {
			return constant(wordBits, "the bits of "+obj.Name())
		}
	}
	return Limit{}
}

// doubled bounds loops such as for x := 1; x < n; x <<= 1.
func doubled(v *view) Limit {
	const bitsToSpare = 14 // above those of any length
	for _, c := range v.comparisons() {
		obj := v.ObjectOf(c.x)
		start, ok := v.Lowest(obj)
		if c.change != grow || !ok || start <= 0 || c.op != token.LSS && c.op != token.LEQ || !code.Wide(v.TypeOf(c.x)) || c.most > bitsToSpare {
			continue
		}
		if end, ok := v.Constant(c.limit); ok && end <= 1<<32 || v.Sized(c.limit, 0) && v.invariant(c.limit) {
			return constant(wordBits, "the bits of "+obj.Name())
		}
	}
	return Limit{}
}
