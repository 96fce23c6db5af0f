//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"io"
	"runtime"
	"runtime/trace"
	"sync/atomic"
	"testing"
	_ "unsafe"
)

// gcMarks is Go's own: while it is set, the collector marks (runtime/mgc.go).
//
//go:linkname gcMarks runtime.writeBarrier
var gcMarks struct{ enabled bool }

// A pair is two fibers that switch to each other: the calling goroutine's, and one that
// switches back at once.
type pair struct {
	Fiber
	lock  Lock
	other Fiber
	over  atomic.Bool
}

func newPair(t *testing.T) *pair {
	t.Helper()
	if err := Native(); err != nil {
		t.Skip(err)
	}
	p := new(pair)
	p.Bind(true)
	bound := make(chan struct{})
	go func() {
		p.other.Bind(true)
		p.lock.Lock()
		close(bound)
		p.other.Park(&p.lock)
		for !p.over.Load() {
			p.lock.Lock()
			p.other.Switch(&p.Fiber, &p.lock)
		}
		p.Ready()
	}()
	<-bound
	return p
}

// turn switches there and back, and returns how the calling goroutine's side was done.
func (p *pair) turn(lock *Lock) Departure {
	if lock != nil {
		lock.Lock()
	} else {
		Pin()
	}
	p.Switch(&p.other, lock)
	return p.LastDeparture()
}

func (p *pair) end() {
	p.over.Store(true)
	p.turn(&p.lock)
}

// While nothing looks on, statuses are stored plainly; without a lock, which keeps others
// away, they are not.
func TestSwitchesArePlain(t *testing.T) {
	defer watchdog(t)()
	if trace.IsEnabled() {
		t.Skip("a trace is being taken")
	}
	forPinned(t)
	p := newPair(t)
	defer p.end()
	p.turn(&p.lock)
	const n = 1000
	for i := range n {
		if how := p.turn(&p.lock); how != ByStores {
			t.Fatalf("turn %d: departure %d, want one by plain stores, %d", i, how, ByStores)
		}
	}
	for i := range n {
		if how := p.turn(nil); how != ByLocks {
			t.Fatalf("turn %d, without a lock: departure %d, want one by locked instructions, %d", i, how, ByLocks)
		}
	}
}

// While the collector marks, and only then, statuses are changed by locked instructions.
func TestSwitchesWhileMarking(t *testing.T) {
	defer watchdog(t)()
	if trace.IsEnabled() {
		t.Skip("a trace is being taken")
	}
	p := newPair(t)
	defer p.end()
	heap := make([][]*int, 2000) // something to mark
	for i := range heap {
		heap[i] = make([]*int, 1000)
		heap[i][i%1000] = new(int)
	}
	defer runtime.KeepAlive(heap)
	var stop atomic.Bool
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for !stop.Load() {
			runtime.GC()
		}
	}()
	const enough = 1000
	for marking, not := 0, 0; marking < enough || not < enough; {
		p.lock.Lock() // from here on marking neither begins nor ends
		marks := gcMarks.enabled
		p.Switch(&p.other, &p.lock)
		switch how := p.LastDeparture(); {
		case marks && how == ByStores:
			t.Fatal("a status was stored plainly while the collector marks")
		case !marks && how == ByLocks:
			t.Fatal("a status was changed by a locked instruction while the collector rests")
		case marks && how == ByLocks:
			marking++
		case !marks && how == ByStores:
			not++
		}
		if (marking+not)%256 == 0 {
			runtime.Gosched() // the collector needs a P
		}
	}
	stop.Store(true)
	<-ended
}

// While a trace is taken, goroutines are resumed through Go's scheduler, which tells it.
func TestSwitchesWhileTracing(t *testing.T) {
	defer watchdog(t)()
	p := newPair(t)
	defer p.end()
	p.turn(&p.lock)
	if err := trace.Start(io.Discard); err != nil {
		t.Skip(err)
	}
	for i := range 200 {
		if how := p.turn(&p.lock); how != ByGo {
			t.Errorf("turn %d: departure %d, which a trace has not seen", i, how)
			break
		}
	}
	trace.Stop()
	for range 100_000 {
		if p.turn(&p.lock) == ByStores {
			return
		}
	}
	t.Error("no switch is direct after the trace")
}
