package arch

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
)

// stackBounds is how a g begins, in every release and on every platform: C code
// relies on it (runtime/cgo/libcgo.h, struct G; runtime/runtime2.go, g.stack,
// go1.26 and go1.27). So this needs no table, and stackProbe checks it in each
// process.
type stackBounds struct{ lo, hi uintptr }

// StackSizes reports whether StackSize and StackDepth know anything in this
// process: nil, or the reason why not. The first call checks what they rely on
// against a live goroutine; the result is kept.
func StackSizes() error { return stackOnce() }

var stackOnce = sync.OnceValue(func() error {
	if getg() == nil {
		return fmt.Errorf("arch: no stack sizes: no access to the running goroutine on %s", runtime.GOARCH)
	}
	result := make(chan error)
	go func() { result <- stackProbe() }()
	return <-result
})

// stackProbe checks that the bounds of the calling goroutine's stack are where
// they are expected, before the stack has grown and after.
func stackProbe() error {
	err := checkBounds(0)
	if err == nil {
		err = checkBoundsDeep()
	}
	return err
}

// probeFrame is more than a new goroutine's stack holds.
const probeFrame = 64 << 10

//go:noinline
func checkBoundsDeep() error {
	var frame [probeFrame]byte
	frame[len(os.Args)%probeFrame] = 1
	return checkBounds(probeFrame - int(frame[0]))
}

// checkBounds checks the bounds of a stack of which at least so much is in use.
//
//go:noinline
func checkBounds(used int) error {
	b := (*stackBounds)(getg())
	lo, hi := atomic.LoadUintptr(&b.lo), atomic.LoadUintptr(&b.hi)
	size, depth := hi-lo, StackDepth()
	if lo == 0 || hi < lo || size&(size-1) != 0 || depth < used || depth-used > probeFrame || uintptr(depth) > size {
		return fmt.Errorf("arch: no stack sizes: the stack's bounds are not where they are expected: %#x-%#x with a depth of %d, of which %d are known", lo, hi, depth, used)
	}
	return nil
}

// StackDepth returns how much of its stack the calling goroutine uses, in bytes;
// 0 where StackSizes fails.
func StackDepth() int {
	b := (*stackBounds)(getg())
	if b == nil {
		return 0
	}
	for {
		// The stack may be moved between two lines.
		var local byte
		hi := atomic.LoadUintptr(&b.hi)
		here := uintptr(unsafe.Pointer(&local))
		if atomic.LoadUintptr(&b.hi) == hi {
			return int(hi - here)
		}
	}
}

// StackSize returns the size of the stack that f's goroutine has now, in bytes;
// 0 if there is none, or where StackSizes fails. The stack holds more than half
// of that, or has, or less since the collector has last looked. A stack that
// moves at this moment may seem to have any size.
//
// It only reads two words, of a g that is never freed, and so takes no lock. If f is
// bound anew at this moment, it is the size of either stack.
//
//go:norace
func (f *Fiber) StackSize() int {
	if !f.bound() || f.g == nil {
		return 0
	}
	b := (*stackBounds)(f.g)
	hi, lo := atomic.LoadUintptr(&b.hi), atomic.LoadUintptr(&b.lo)
	if hi < lo {
		return 0
	}
	return int(hi - lo)
}
