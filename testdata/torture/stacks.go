package main

import (
	"bytes"
	"errors"
	goruntime "runtime"

	gv "github.com/gvthread/gvthread/runtime"
)

// The actions here work on stacks.

// goroutineID returns the calling goroutine's number.
func goroutineID() string {
	var buf [64]byte
	head := buf[:goruntime.Stack(buf[:], false)]
	if fields := bytes.Fields(head); len(fields) > 1 {
		return string(fields[1])
	}
	return "?"
}

// recurse goes deep, and does something at the bottom.
func recurse(a *actor) error {
	depth := choose(a.r, 10, 300, 5000)
	if got := descend(a, depth, nil); got != depth {
		a.w.r.violation("a recursion of %d came back as %d", depth, got)
	}
	return nil
}

// descend keeps something in each frame, and pointers from one to the next.
func descend(a *actor, n int, above *[8]int) int {
	if n == 0 {
		switch a.r.IntN(6) {
		case 0:
			gv.Yield()
		case 1:
			goruntime.GC()
		case 2:
			steps(1, 100_000)
		case 3:
			goruntime.Gosched()
		case 4:
			a.garbage = make([]byte, 64<<10)
		}
		return 0
	}
	var frame [8]int
	for i := range frame {
		frame[i] = n * i
	}
	got := descend(a, n-1, &frame) + 1
	for i := range frame {
		if frame[i] != n*i {
			a.w.r.violation("a frame at %d changed: %v", n, frame)
			break
		}
	}
	if above != nil && above[1] != n+1 {
		a.w.r.violation("the frame above %d changed: %v", n, above)
	}
	return got
}

var errExpected = errors.New("expected")

// panicAndRecover panics in some depth, and recovers.
func panicAndRecover(a *actor) error {
	if v := catch(func() { throw(a, a.r.IntN(50)) }); v != errExpected {
		a.w.r.violation("recovered %v, not %v", v, errExpected)
	}
	var none *node
	if v := catch(func() { none.n++ }); !isRuntimeError(v) {
		a.w.r.violation("writing through nil panicked with %v", v)
	}
	return nil
}

// catch returns what f panics with.
func catch(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

// throw panics at the end of a recursion, in which some of the deferred calls
// recover and panic again.
func throw(a *actor, n int) {
	defer func() {
		if n%7 == 3 {
			v := recover()
			if a.r.IntN(4) == 0 {
				gv.Yield()
			}
			panic(v)
		}
	}()
	if n == 0 {
		panic(errExpected)
	}
	throw(a, n-1)
}

// isRuntimeError reports whether v is what Go itself panics with.
func isRuntimeError(v any) bool {
	_, ok := v.(goruntime.Error)
	return ok
}
