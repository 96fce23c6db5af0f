package gv_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// A holder is a thread that locks mutexes, unlocks them and blocks on them when
// it is told to.
type holder struct {
	*gv.Thread
	todo chan func()
	done chan struct{}
}

func newHolder(rt *gv.Runtime, p gv.Priority) *holder {
	h := &holder{todo: make(chan func()), done: make(chan struct{})}
	h.Thread = rt.Go(func(context.Context) error {
		for {
			var do func()
			gv.Block(func() { do = <-h.todo })
			if do == nil {
				return nil
			}
			do()
			gv.Block(func() { h.done <- struct{}{} })
		}
	}, gv.WithPriority(p))
	return h
}

// do makes the holder call fn and waits for that.
func (h *holder) do(fn func()) {
	h.todo <- fn
	<-h.done
}

// block makes the holder lock m, which is locked, and waits until it is queued.
func (h *holder) block(m *gv.Mutex) { h.blockContext(m, context.Background()) }

func (h *holder) blockContext(m *gv.Mutex, ctx context.Context) {
	before := m.Waiting()
	h.todo <- func() { m.LockContext(ctx) }
	untilWaiting(m, before+1)
}

func (h *holder) end() {
	close(h.todo)
	h.Wait()
}

// wantEffective waits until the thread has the priority in force. That comes
// about as part of what another one does, who may not be done yet when the test
// looks.
func (h *holder) wantEffective(t *testing.T, want gv.Priority) {
	t.Helper()
	for range 1_000_000 {
		if h.Effective() == want {
			return
		}
		gv.Yield()
	}
	t.Fatalf("effective priority %v, want %v", h.Effective(), want)
}

func TestInheritanceFollowsTheWaiters(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		var m gv.Mutex
		owner := newHolder(rt, gv.Low)
		normal, critical := newHolder(rt, gv.Normal), newHolder(rt, gv.Critical)
		defer owner.end()
		defer normal.end()
		defer critical.end()

		owner.do(m.Lock)
		owner.wantEffective(t, gv.Low)
		normal.block(&m)
		owner.wantEffective(t, gv.Normal)
		ctx, cancel := context.WithCancel(context.Background())
		critical.blockContext(&m, ctx)
		owner.wantEffective(t, gv.Critical)
		if owner.Priority() != gv.Low {
			t.Errorf("Priority is %v", owner.Priority())
		}

		// One who gives up takes back what he has lent.
		cancel()
		<-critical.done
		owner.wantEffective(t, gv.Normal)

		critical.block(&m)
		owner.wantEffective(t, gv.Critical)
		// Unlock takes all back; the next owner inherits what is left.
		owner.do(m.Unlock)
		owner.wantEffective(t, gv.Low)
		<-critical.done
		critical.wantEffective(t, gv.Critical)
		if p, ok := m.Lent(); !ok || p != gv.Normal {
			t.Errorf("lent after the first hand-over: %v, %v", p, ok)
		}
		critical.do(m.Unlock)
		<-normal.done
		if p, ok := m.Lent(); ok {
			t.Errorf("%v lent with nobody waiting", p)
		}
		normal.do(m.Unlock)
	})
}

func TestInheritanceOfSeveralMutexes(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		var a, b, c gv.Mutex
		owner := newHolder(rt, gv.Low)
		normal, high, critical := newHolder(rt, gv.Normal), newHolder(rt, gv.High), newHolder(rt, gv.Critical)
		owner.do(a.Lock)
		owner.do(b.Lock)
		owner.do(c.Lock)
		normal.block(&a)
		high.block(&b)
		critical.block(&c)
		owner.wantEffective(t, gv.Critical)
		owner.do(b.Unlock)
		owner.wantEffective(t, gv.Critical)
		owner.do(c.Unlock)
		owner.wantEffective(t, gv.Normal)
		owner.SetPriority(gv.High)
		owner.wantEffective(t, gv.High)
		owner.SetPriority(gv.Low)
		owner.wantEffective(t, gv.Normal)
		owner.do(a.Unlock)
		owner.wantEffective(t, gv.Low)
		for h, m := range map[*holder]*gv.Mutex{normal: &a, high: &b, critical: &c} {
			<-h.done
			h.do(m.Unlock)
			h.end()
		}
		owner.end()
	})
}

func TestInheritanceGoesThroughChains(t *testing.T) {
	const length = 10
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		// links[i] owns ms[i] and waits for ms[i-1].
		var ms [length]gv.Mutex
		var links [length]*holder
		for i := range links {
			links[i] = newHolder(rt, gv.Low)
			links[i].do(ms[i].Lock)
			if i > 0 {
				links[i].block(&ms[i-1])
			}
		}
		wantAll := func(want gv.Priority) {
			t.Helper()
			for _, h := range links {
				h.wantEffective(t, want)
			}
		}
		last := newHolder(rt, gv.Normal)
		ctx, cancel := context.WithCancel(context.Background())
		last.blockContext(&ms[length-1], ctx)
		wantAll(gv.Normal)
		last.SetPriority(gv.Critical)
		wantAll(gv.Critical)
		last.SetPriority(gv.High)
		wantAll(gv.High)
		cancel()
		<-last.done
		wantAll(gv.Low)

		last.block(&ms[length-1])
		wantAll(gv.High)
		for i, h := range links {
			if i > 0 {
				<-h.done // has got ms[i-1]
				h.do(ms[i-1].Unlock)
			}
			h.do(ms[i].Unlock)
			h.wantEffective(t, gv.Low)
		}
		<-last.done
		last.do(ms[length-1].Unlock)
		last.end()
		for _, h := range links {
			h.end()
		}
	})
}

// Threads that wait for each other in a circle stay blocked, but nobody who
// changes their priorities does.
func TestInheritanceSurvivesDeadlock(t *testing.T) {
	const size = 5
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		var ms [size]gv.Mutex
		var hs [size]*holder
		ctx, cancel := context.WithCancel(context.Background())
		for i := range hs {
			hs[i] = newHolder(rt, gv.Low)
			hs[i].do(ms[i].Lock)
		}
		for i, h := range hs {
			h.blockContext(&ms[(i+1)%size], ctx)
		}
		// One outside waits for one in the circle.
		outside := newHolder(rt, gv.High)
		outside.blockContext(&ms[0], ctx)
		for _, h := range hs {
			h.wantEffective(t, gv.High)
		}
		var all sync.WaitGroup
		for i := range hs {
			all.Go(func() {
				r := rand.New(rand.NewPCG(uint64(i), 1))
				for range 200 {
					hs[r.IntN(size)].SetPriority(gv.Priority(r.IntN(4)))
				}
			})
		}
		all.Wait()
		// A thread that locks twice is a circle, too.
		alone := newHolder(rt, gv.Low)
		var m gv.Mutex
		alone.do(m.Lock)
		alone.blockContext(&m, ctx)
		alone.SetPriority(gv.High)
		alone.SetPriority(gv.Low)

		cancel()
		for _, h := range append(hs[:], outside, alone) {
			<-h.done
		}
		for i, h := range hs {
			h.do(ms[i].Unlock)
			h.SetPriority(gv.Low)
			h.wantEffective(t, gv.Low)
		}
		alone.do(m.Unlock)
		for _, h := range append(hs[:], outside, alone) {
			h.end()
		}
	})
}

// A goroutine waits as Normal, and a mutex that one holds lends nothing.
func TestInheritanceAndGoroutines(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		var m gv.Mutex
		owner := newHolder(rt, gv.Low)
		owner.do(m.Lock)
		locked := make(chan struct{})
		go func() {
			m.Lock()
			close(locked)
		}()
		owner.wantEffective(t, gv.Normal)
		owner.do(m.Unlock)
		<-locked
		owner.wantEffective(t, gv.Low)

		owner.SetPriority(gv.Critical)
		owner.block(&m)
		if p, ok := m.Lent(); ok {
			t.Errorf("%v lent to a goroutine", p)
		}
		// Unlocked by another: the lock goes to the thread that waits.
		m.Unlock()
		<-owner.done
		owner.do(m.Unlock)
		owner.end()
	})
}

// What a thread was lent ends when another one unlocks the mutex for it.
func TestInheritanceEndsWhenAnotherUnlocks(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		var m, chain gv.Mutex
		bottom, owner, waiter := newHolder(rt, gv.Low), newHolder(rt, gv.Low), newHolder(rt, gv.High)
		bottom.do(chain.Lock)
		owner.do(m.Lock)
		owner.block(&chain)
		waiter.block(&m)
		bottom.wantEffective(t, gv.High)
		m.Unlock()
		<-waiter.done
		owner.wantEffective(t, gv.Low)
		bottom.wantEffective(t, gv.Low)
		bottom.do(chain.Unlock)
		<-owner.done
		owner.do(chain.Unlock)
		waiter.do(m.Unlock)
		bottom.end()
		owner.end()
		waiter.end()
	})
}

// The writers of an RWMutex inherit from each other.
func TestInheritanceAmongWriters(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		var rw gv.RWMutex
		owner, waiter := newHolder(rt, gv.Low), newHolder(rt, gv.Critical)
		owner.do(rw.Lock)
		waiter.todo <- rw.Lock
		owner.wantEffective(t, gv.Critical)
		owner.do(rw.Unlock)
		owner.wantEffective(t, gv.Low)
		<-waiter.done
		waiter.do(rw.Unlock)
		owner.end()
		waiter.end()
	})
}

// The classical inversion: with one worker, a low thread holds what a high one
// waits for, and normal ones never stop. It is the low thread that runs until
// it unlocks, and after that the high one: no normal thread has a turn.
func TestInheritanceEndsInversion(t *testing.T) {
	oneWorker(t, func(rt *gv.Runtime) error {
		var m gv.Mutex
		var turns journal[string]
		var over atomic.Bool
		err := rt.Run(func(context.Context) error {
			m.Lock()
			gv.Go(func(context.Context) error {
				turns.add("high waits")
				m.Lock()
				turns.add("high has it")
				m.Unlock()
				over.Store(true)
				return nil
			}, gv.WithPriority(gv.High))
			for range 3 {
				gv.Go(func(context.Context) error {
					for !over.Load() {
						turns.add("normal")
						gv.Yield()
					}
					return nil
				})
			}
			for range 1000 {
				gv.Yield()
			}
			turns.add("low unlocks")
			m.Unlock()
			return nil
		}, gv.WithPriority(gv.Low))
		want := []string{"high waits", "low unlocks", "high has it"}
		if got := turns.all(); err == nil && !slices.Equal(got, want) {
			err = fmt.Errorf("turns %q, want %q", got, want)
		}
		return err
	})
}

// In a tangle of mutexes, contexts and priorities that change, everything comes
// to an end, and no priority that was lent stays.
func TestInheritanceStress(t *testing.T) {
	const members, mutexes, rounds = 10, 5, 150
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		var ms [mutexes]gv.Mutex
		var ths [members]*gv.Thread
		var ready sync.WaitGroup
		ready.Add(1)
		for id := range members {
			ths[id] = rt.Go(func(context.Context) error {
				gv.Block(ready.Wait)
				r := rand.New(rand.NewPCG(uint64(id), 1))
				for range rounds {
					// In ascending order, so that there is no deadlock.
					var held []*gv.Mutex
					for i := range ms {
						switch r.IntN(4) {
						case 0:
							ms[i].Lock()
							held = append(held, &ms[i])
						case 1:
							ctx, cancel := context.WithCancel(context.Background())
							if r.IntN(2) == 0 {
								go cancel()
							}
							if ms[i].LockContext(ctx) == nil {
								held = append(held, &ms[i])
							}
							cancel()
						}
						if r.IntN(4) == 0 {
							gv.Yield()
						}
					}
					ths[r.IntN(members)].SetPriority(gv.Priority(r.IntN(4)))
					for _, i := range r.Perm(len(held)) {
						held[i].Unlock()
					}
				}
				return nil
			}, gv.WithPriority(gv.Priority(id%4)))
		}
		ready.Done()
		for _, th := range ths {
			if err := th.Wait(); err != nil {
				t.Error(err)
			}
		}
		for i := range ms {
			if p, ok := ms[i].Lent(); ok || ms[i].Waiting() != 0 || !ms[i].TryLock() {
				t.Errorf("mutex %d: lends %v, %v; %d wait", i, p, ok, ms[i].Waiting())
			}
		}
		for id, th := range ths {
			if n := th.LentBy(); n != 0 {
				t.Errorf("thread %d is still lent something by %d mutexes", id, n)
			}
		}
	})
}
