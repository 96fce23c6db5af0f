//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import "unsafe"

// Those who watch goroutines must not miss a switch. Execution traces would have
// holes that make them unreadable; and goroutine profiles read the stacks of
// parked goroutines, which must not be resumed before they have been read.

// observed returns another number than 0 if a direct switch of the calling goroutine, g,
// which is pinned, could be missed by somebody, provided that trace.IsEnabled is false.
//
// A goroutine profile (goroutineProfileWithLabelsConcurrent in runtime/mprof.go)
// begins with the world stopped. Whoever ran must go through Go's scheduler then,
// which has the stack read first, and g.goroutineProfiled set. So no profile is
// being taken as long as that of a running goroutine is not set, and none can begin
// while the goroutine is pinned.
//
//go:norace
func observed(g unsafe.Pointer) uintptr {
	return uintptr(*(*uint32)(unsafe.Add(g, gGoroutineProfiled))) | writesTrace(g)
}

// writesTrace returns another number than 0 if the calling OS thread, which runs g, has
// written to an execution trace that is being taken: it has a buffer then, which it loses
// when the trace ends (traceAdvance in runtime/trace.go).
//
// trace.IsEnabled alone will not do: a trace begins with the world stopped, and
// IsEnabled turns true some time after it has been started again. Until then what
// matters is what the trace knows of a goroutine. It can't know anything of one that
// has been resumed only by direct switches since, on threads that have not written;
// and one that it knows something of, since it has gone through Go's scheduler, is
// resumed in the same way: see Fiber.byGo.
//
//go:nosplit
//go:norace
func writesTrace(g unsafe.Pointer) uintptr {
	m := *(*unsafe.Pointer)(unsafe.Add(g, gM))
	buf := (*[4]uintptr)(unsafe.Add(m, mTraceBuf))
	return buf[0] | buf[1] | buf[2] | buf[3]
}

// isTraced reports whether an execution trace has, or had once, something to say of
// g, which doesn't run.
//
//go:norace
func isTraced(g unsafe.Pointer) bool {
	status := (*[3]uint32)(unsafe.Add(g, gTraceStatus))
	return status[0]|status[1]|status[2] != 0
}

// pPreempt is where p.preempt is. What comes before it in a p depends on experiments that the
// program was built with (GOEXPERIMENT=nogreenteagc), so no table has it: the self-check takes
// it from the program's description.
var pPreempt uintptr

// wanted returns another number than 0 if Go has asked the P of the calling OS thread, which
// runs g and is pinned, to enter its scheduler: most often to stop the world, or to have the
// collector's mark phase end.
//
//go:norace
func wanted(g unsafe.Pointer) uintptr {
	m := *(*unsafe.Pointer)(unsafe.Add(g, gM))
	p := *(*unsafe.Pointer)(unsafe.Add(m, mP))
	return uintptr(*(*uint8)(unsafe.Add(p, pPreempt)))
}
