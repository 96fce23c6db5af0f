package arch

import "unsafe"

// Enclosing returns the S whose first field f is. The caller knows that it is: so a record
// needs no pointer to what it is part of.
func Enclosing[S, F any](f *F) *S { return (*S)(unsafe.Pointer(f)) }
