//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import "unsafe"

// Where goroutines take turns by the thousand, most of the time of a switch goes to waiting
// for the memory of the next one. A scheduler that knows which ones are next can have the
// processor load that meanwhile. A prefetch is a hint: it writes nothing, reads nothing
// that anybody sees, and does no harm with an address that is no longer any good.

// Prefetch has the processor load the beginning of what p points to, of some 200 bytes.
func Prefetch[T any](p *T) { prefetch(unsafe.Pointer(p)) }

// PrefetchGoroutine has the processor load what a switch to f needs of its goroutine's g. It
// reads f.
func (f *Fiber) PrefetchGoroutine() {
	if f.g != nil {
		prefetchG(f.g)
	}
}

// PrefetchStack has the processor load what f, which is parked, goes on with of its stack. It
// reads f and the g.
func (f *Fiber) PrefetchStack() {
	if f.g != nil {
		prefetchStack(f.g)
	}
}

//go:noescape
func prefetch(p unsafe.Pointer)

//go:noescape
func prefetchG(gp unsafe.Pointer)

//go:noescape
func prefetchStack(gp unsafe.Pointer)
