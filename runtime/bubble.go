package gv

import "github.com/gvthread/gvthread/arch"

// outside returns what f does outside of any bubble of testing/synctest. It is for
// channels that the runtime keeps: one that is made in a bubble can't be closed from
// outside. The caller holds no spinLock.
func outside(f func() <-chan struct{}) (c <-chan struct{}) {
	arch.Outside(func() { c = f() })
	return c
}
