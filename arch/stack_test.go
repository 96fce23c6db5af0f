package arch

import (
	"runtime"
	"testing"
)

func skipWithoutStackSizes(t *testing.T) {
	t.Helper()
	if err := StackSizes(); err != nil {
		if runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

// descend calls f at the bottom of n frames of more than a kilobyte.
//
//go:noinline
func descend(n int, f func()) byte {
	var frame [1 << 10]byte
	if n == 0 {
		f()
		return 0
	}
	frame[n&1023] = descend(n-1, f)
	return frame[(n+1)&1023]
}

// The depth counts what is in use, wherever the stack has been moved to, and
// the size has room for it, as seen from outside, too.
func TestStackDepthAndSize(t *testing.T) {
	skipWithoutStackSizes(t)
	var f Fiber
	if size := f.StackSize(); size != 0 {
		t.Errorf("a fiber without a goroutine has a stack of %d bytes", size)
	}
	look, looked, done := make(chan int), make(chan bool), make(chan bool)
	go func() {
		defer close(done)
		f.Bind(false)
		for _, kilobytes := range []int{0, 1, 10, 100, 1000, 10000, 100, 0} {
			descend(kilobytes, func() {
				runtime.GC() // may shrink the stack
				depth := StackDepth()
				if least := kilobytes << 10; depth < least || depth > 2*least+16<<10 {
					t.Errorf("depth %d below %d frames of a kilobyte", depth, kilobytes)
				}
				look <- depth
				<-looked
				if after := StackDepth(); after != depth {
					t.Errorf("depth %d, then %d", depth, after)
				}
			})
		}
		close(look)
	}()
	for depth := range look {
		runtime.GC()
		if size := f.StackSize(); size < depth || size&(size-1) != 0 {
			t.Errorf("size %d with a depth of %d", size, depth)
		}
		looked <- true
	}
	<-done
}

// Whatever the collector does to the stack, the depth is right.
func TestStackDepthBesideCollector(t *testing.T) {
	skipWithoutStackSizes(t)
	stop, stopped := make(chan bool), make(chan bool)
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	}()
	done := make(chan bool)
	go func() {
		defer close(done)
		for range 20 {
			// The stack has grown, and is to shrink.
			descend(200, func() {})
			before := StackDepth()
			for range 20000 {
				if depth := StackDepth(); depth != before {
					t.Errorf("depth %d, then %d", before, depth)
					return
				}
			}
		}
	}()
	<-done
	close(stop)
	<-stopped
}
