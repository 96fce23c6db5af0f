package pins

import _ "unsafe"

//go:linkname pin runtime.procPin
func pin() int

//go:linkname unpin runtime.procUnpin
func unpin()

func steal(f func(int) bool) {
	victim(pin(), f)
	unpin()
}
