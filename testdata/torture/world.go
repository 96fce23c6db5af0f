package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// A world is what the threads of one round share.
type world struct {
	*plan
	r    *report
	rt   *gv.Runtime
	stop atomic.Bool // the round is over: no new actions

	ledger  ledger
	chans   []*gv.Chan[token]
	locks   []guarded
	crowd   crowd
	plain   plainThings
	members members
	traces  traces
	times   times
	// contexts are the actors'.
	contexts contexts
}

// playRound runs one round.
func playRound(o options, p *plan, r *report) {
	procs := goruntime.GOMAXPROCS(0)
	opening := time.Now()
	rt, err := gv.New(p.config)
	if err != nil {
		r.violation("New(%+v): %v", p.config, err)
		return
	}
	opened := time.Now()
	w := newWorld(p, r, rt)
	w.times = times{opening, opened}
	r.world.Store(w)
	calm := disturb(w)
	pumps := w.startPumps()
	root := p.source(partActor)
	for range p.threads {
		w.start(root, nil)
	}
	time.Sleep(o.length)
	w.stop.Store(true)
	w.settle()
	calm()
	pumps()
	w.checkQuiet()
	w.times.balance(w)
	s := rt.Stats()
	if err := rt.Close(); err != nil {
		r.violation("Close: %v", err)
	}
	if p.upsetBy("maxprocs") {
		goruntime.GOMAXPROCS(procs) // Close leaves what the program chose
	}
	w.balance()
	w.traces.read(w)
	r.rounds.Add(1)
	r.totals.switches += s.Switches
	r.totals.cooperative += s.Cooperative
	r.totals.forced += s.Forced
	r.totals.handoffs += s.Handoffs
	r.totals.boosts += s.Boosts
	r.world.Store(nil)
}

func newWorld(p *plan, r *report, rt *gv.Runtime) *world {
	w := &world{plan: p, r: r, rt: rt}
	for _, capacity := range []int{0, 0, 1, 7, 64} {
		w.chans = append(w.chans, gv.NewChan[token](capacity))
	}
	w.locks = newGuarded()
	w.crowd.init(w)
	w.plain.init()
	return w
}

// settle ends the round's threads: first those that end by themselves, then, by
// cancellation, those that wait for something that doesn't come. It waits for
// all, and looks at their results.
func (w *world) settle() {
	const patience = 100 * time.Millisecond
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for i := 0; ; i++ {
		m := w.members.at(i)
		if m == nil {
			break
		}
		select {
		case <-m.thread.Done():
		case <-ctx.Done():
			m.cancel()
		}
		m.judge(m.thread.Wait())
		w.r.steps.Add(1)
	}
}

// members lists the threads that were started in a round.
type members struct {
	lock sync.Mutex
	list []*actor
}

func (ms *members) add(a *actor) {
	ms.lock.Lock()
	ms.list = append(ms.list, a)
	ms.lock.Unlock()
}

func (ms *members) at(i int) *actor {
	ms.lock.Lock()
	defer ms.lock.Unlock()
	if i < len(ms.list) {
		return ms.list[i]
	}
	return nil
}

// pick returns the member that the number falls on, nil if there is none.
func (ms *members) pick(n uint64) *actor {
	ms.lock.Lock()
	defer ms.lock.Unlock()
	if len(ms.list) == 0 {
		return nil
	}
	return ms.list[n%uint64(len(ms.list))]
}

// count returns how many there are.
func (ms *members) count() int {
	ms.lock.Lock()
	defer ms.lock.Unlock()
	return len(ms.list)
}

// describe lists the threads that have not ended.
func (w *world) describe(out io.Writer) {
	w.members.lock.Lock()
	defer w.members.lock.Unlock()
	n := 0
	for _, a := range w.members.list {
		if a.thread.State() == gv.StateDone {
			continue
		}
		if n++; n > 100 {
			fmt.Fprintln(out, "  …")
			return
		}
		fmt.Fprintf(out, "  thread %d (actor %#x) %v %v, in %s, %d actions\n",
			a.thread.ID(), a.id, a.thread.State(), a.thread.Priority(), a.does(), a.done.Load())
	}
}

// startPumps keeps something moving in the channels, from plain goroutines, so
// that those who wait there are served now and then.
func (w *world) startPumps() (stop func()) {
	var wg sync.WaitGroup
	for i, c := range w.chans {
		wg.Go(func() {
			sender := w.ledger.newSender()
			for !w.stop.Load() {
				start := w.ledger.tick()
				if v, err := c.TryRecv(); err == nil {
					w.ledger.received(w, v, i, start, "TryRecv of a goroutine")
				}
				if v, ok := w.ledger.issue(sender); ok {
					w.ledger.sent(w, v, c.TrySend(v), "TrySend of a goroutine")
				}
				time.Sleep(time.Duration(50+50*i) * time.Microsecond)
			}
		})
		wg.Go(func() {
			for {
				start := w.ledger.tick()
				v, err := c.Recv()
				if errors.Is(err, gv.ErrClosed) {
					return
				}
				if err != nil {
					w.r.violation("Recv of a goroutine: %v", err)
					return
				}
				w.ledger.received(w, v, i, start, "Recv of a goroutine")
				time.Sleep(time.Duration(100+50*i) * time.Microsecond)
			}
		})
	}
	return func() {
		for _, c := range w.chans {
			c.Close()
		}
		wg.Wait()
	}
}

// balance checks what must hold when all is over.
func (w *world) balance() {
	w.ledger.balance(w)
	w.contexts.balance(w)
	for i := range w.locks {
		w.locks[i].balance(w)
	}
	s := w.rt.Stats()
	if s.Threads != 0 || s.Fibers != 0 || s.Idle != s.Workers || s.Ready != [4]int{} {
		w.r.violation("after Close: %+v", s)
	}
}
