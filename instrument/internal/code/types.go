package code

import "go/types"

// Is tells whether the core type of t is of one kind, such as *types.Map.
func Is[Kind types.Type](t types.Type) bool {
	_, ok := CoreType(t).(Kind)
	return ok
}

// Basic tells whether t is a basic type with one of some properties.
func Basic(t types.Type, info types.BasicInfo) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&info != 0
}

// IsInteger tells whether t is an integer type.
func IsInteger(t types.Type) bool { return Basic(t, types.IsInteger) }

// IsUnsigned tells whether t is an integer type without a sign.
func IsUnsigned(t types.Type) bool { return Basic(t, types.IsUnsigned) }

// Sizes are those of a machine of 64 bits.
var Sizes = types.StdSizes{WordSize: 8, MaxAlign: 8}

// Bits returns the width of an integer type, and 0 for others.
func Bits(t types.Type) int {
	if !IsInteger(t) || Basic(t, types.IsUntyped) {
		return 0
	}
	return 8 * int(Sizes.Sizeof(t))
}

// Wide tells whether an integer type is too wide for a length to come near its
// greatest value.
func Wide(t types.Type) bool { return Bits(t) == 64 }

// Dereferenced returns the core type of t, or the one underneath what t points to.
func Dereferenced(t types.Type) types.Type {
	t = CoreType(t)
	if p, ok := t.(*types.Pointer); ok {
		return p.Elem().Underlying()
	}
	return t
}

// weightless tells whether values of type t take no memory, so that a slice of them
// can have any length.
func weightless(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Struct:
		for f := range t.Fields() {
			if !weightless(f.Type()) {
				return false
			}
		}
		return true
	case *types.Array:
		return t.Len() == 0 || weightless(t.Elem())
	}
	return false
}

// Lengthless tells whether x is a slice, array or channel whose length says nothing about
// memory.
func Lengthless(x types.Type) bool {
	switch x := Dereferenced(x).(type) {
	case *types.Slice, *types.Array, *types.Chan:
		return weightless(x.(interface{ Elem() types.Type }).Elem())
	}
	return false
}

// CoreType returns the one underlying type of a type parameter's type set, if
// there is one.
func CoreType(t types.Type) types.Type {
	p, ok := types.Unalias(t).(*types.TypeParam)
	if !ok {
		return t.Underlying()
	}
	iface := p.Constraint().Underlying().(*types.Interface)
	var core types.Type
	for i := range iface.NumEmbeddeds() {
		e := iface.EmbeddedType(i)
		union, ok := e.(*types.Union)
		if !ok {
			if types.IsInterface(e) {
				continue
			}
			core = e.Underlying()
			continue
		}
		for j := range union.Len() {
			term := union.Term(j).Type().Underlying()
			if core != nil && !types.Identical(core, term) {
				return iface
			}
			core = term
		}
	}
	if core == nil {
		return iface
	}
	return core
}

// HasFields tells whether a value of type t has fields.
func HasFields(t types.Type) bool {
	if Generic(t) {
		return true // perhaps
	}
	switch t := t.Underlying().(type) {
	case *types.Struct:
		return true
	case *types.Array:
		return HasFields(t.Elem())
	}
	return false
}

// Contains tells whether field can be a part of a value of type t.
func Contains(t types.Type, field *types.Var) bool {
	if Generic(t) {
		return true
	}
	switch t := t.Underlying().(type) {
	case *types.Struct:
		for f := range t.Fields() {
			if f.Origin() == field.Origin() || Contains(f.Type(), field) {
				return true
			}
		}
	case *types.Array:
		return Contains(t.Elem(), field)
	}
	return false
}

// Generic tells whether t is a type parameter, which may stand for any type.
func Generic(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.TypeParam)
	return ok
}

// FuncName returns Name or Type.Name.
func FuncName(fn *types.Func) string {
	recv := fn.Signature().Recv()
	if recv == nil {
		return fn.Name()
	}
	t := types.Unalias(recv.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj().Name() + "." + fn.Name()
	}
	return fn.Name()
}
