//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A stage is a set of fibers of which as many run at any time as there were
// started; the others are parked. Each gives way to another, chosen at random,
// again and again.
type stage struct {
	// lock guards the rest, and is held across every switch.
	lock   Lock
	parked []*player
	random *rand.Rand
	all    []*player
	ended  sync.WaitGroup
	// running counts those between two gifts of the turn; at most limit.
	running, most atomic.Int32
}

type player struct {
	Fiber
	rounds int
	random *rand.Rand
	err    error
}

// swapLocked takes a parked player, nil if there is none, and enters me, who is about
// to park, in its place.
func (s *stage) swapLocked(me *player) (next *player) {
	if n := len(s.parked); n > 0 {
		i := s.random.IntN(n)
		next = s.parked[i]
		s.parked[i] = s.parked[n-1]
		s.parked = s.parked[:n-1]
	}
	if me != nil && next != nil {
		s.parked = append(s.parked, me)
	}
	return next
}

// resume lets a parked player go on, if there is one.
func (s *stage) resume() {
	s.lock.Lock()
	next := s.swapLocked(nil)
	s.lock.Unlock()
	if next != nil {
		next.Ready()
	}
}

// perform plays all rounds of one player.
func (s *stage) perform(p *player, native bool, ready *sync.WaitGroup) {
	defer s.ended.Done()
	p.Bind(native)
	s.lock.Lock()
	s.parked = append(s.parked, p)
	ready.Done()
	p.Park(&s.lock)
	s.enter()
	for round := range p.rounds {
		depth := p.random.IntN(300)
		if got, want := s.descend(p, depth), depth*(depth+1)/2; got != want {
			p.err = fmt.Errorf("round %d: sum %d over %d frames, want %d", round, got, depth, want)
			break
		}
	}
	s.leave()
	s.resume()
}

func (s *stage) enter() {
	n := s.running.Add(1)
	for m := s.most.Load(); n > m && !s.most.CompareAndSwap(m, n); m = s.most.Load() {
	}
}

func (s *stage) leave() { s.running.Add(-1) }

// descend gives the turn away at the bottom of a stack of some depth that is
// full of pointers into itself.
//
//go:noinline
func (s *stage) descend(p *player, depth int) int {
	if depth == 0 {
		s.giveWay(p)
		return 0
	}
	var frame [8]*int
	n := depth
	frame[depth%8] = &n
	garbage := make([]*int, 4)
	garbage[depth%4] = &n
	sum := s.descend(p, depth-1)
	runtime.KeepAlive(garbage)
	return sum + *frame[depth%8]
}

// giveWay resumes another in p's place, in one of the ways that there are.
func (s *stage) giveWay(p *player) {
	way := p.random.IntN(3)
	s.leave()
	s.lock.Lock()
	next := s.swapLocked(p)
	switch {
	case next == nil:
		s.lock.Unlock()
	case way == 0:
		p.Switch(&next.Fiber, &s.lock)
	case way == 1:
		next.Ready()
		p.Park(&s.lock)
	default:
		p.BeginPark()
		Pin()
		s.lock.Unlock()
		next.Ready()
		p.Park(nil)
	}
	s.enter()
}

// play lets n fibers of which limit run at a time play their rounds.
func play(t *testing.T, seed uint64, native bool, n, limit, rounds int, beside ...func(s *stage, random *rand.Rand)) {
	t.Helper()
	playOn(t, Launch, seed, native, n, limit, rounds, beside...)
}

// playOn is play with the goroutines of the fibers started by launch.
func playOn(t *testing.T, launch func(fn func()), seed uint64, native bool, n, limit, rounds int, beside ...func(s *stage, random *rand.Rand)) {
	t.Helper()
	defer watchdog(t)()
	s := &stage{random: rand.New(rand.NewPCG(seed, 0))}
	var ready sync.WaitGroup
	ready.Add(n)
	s.ended.Add(n)
	for i := range n {
		p := &player{rounds: rounds, random: rand.New(rand.NewPCG(seed, uint64(i)+1))}
		s.all = append(s.all, p)
		launch(func() { s.perform(p, native, &ready) })
	}
	ready.Wait()
	var stop atomic.Bool
	var others sync.WaitGroup
	for i, f := range beside {
		random := rand.New(rand.NewPCG(seed, uint64(1000+i)))
		others.Go(func() {
			for !stop.Load() {
				f(s, random)
			}
		})
	}
	for range limit {
		s.resume()
	}
	s.ended.Wait()
	stop.Store(true)
	others.Wait()
	for i, p := range s.all {
		if p.err != nil {
			t.Errorf("seed %d, fiber %d: %v", seed, i, p.err)
		}
	}
	if n := int(s.most.Load()); n > limit {
		t.Errorf("seed %d: %d fibers ran at once, %d were resumed", seed, n, limit)
	}
}

func collect(*stage, *rand.Rand) { runtime.GC() }

func profile(*stage, *rand.Rand) { pprof.Lookup("goroutine").WriteTo(io.Discard, 0) }

func stopTheWorld(*stage, *rand.Rand) { runtime.Stack(make([]byte, 1<<16), true) }

// preempt stops a fiber by force, if it runs, and lets it go on.
func preempt(s *stage, random *rand.Rand) {
	p := s.all[random.IntN(len(s.all))]
	s.lock.Lock()
	tid := p.RequestPreempt()
	s.lock.Unlock()
	if tid == 0 {
		runtime.Gosched()
		return
	}
	Signal(tid)
	for {
		s.lock.Lock()
		claimed := p.Status() == StatusPreempted && p.ClaimPreempted()
		over := claimed || !p.PreemptPending() || p.WithdrawPreempt()
		s.lock.Unlock()
		if claimed {
			p.Ready()
		}
		if over {
			return
		}
		runtime.Gosched()
	}
}

// Fibers switch, park and are resumed in random order and in all ways, at changing
// depths of their stacks, on two OS threads, beside what looks at their stacks
// or moves them.
func TestSwitchStress(t *testing.T) {
	if err := Native(); err != nil {
		t.Skip(err)
	}
	type disturbance = func(*stage, *rand.Rand)
	for name, beside := range map[string][]disturbance{
		"alone":     nil,
		"collector": {collect},
		"profiles":  {profile, stopTheWorld},
		"force":     {preempt},
		"all":       {collect, profile, preempt, preempt},
	} {
		t.Run(name, func(t *testing.T) {
			if ForcedPreemption() != nil && (name == "force" || name == "all") {
				t.Skip(ForcedPreemption())
			}
			for seed := range uint64(3) {
				play(t, seed, true, 40, 2, 150, beside...)
			}
		})
	}
}

// The same without the native switch.
func TestPortableStress(t *testing.T) {
	for seed := range uint64(3) {
		play(t, seed, false, 40, 2, 100, collect)
	}
}

// A ring of two, and one of many, by direct switches alone.
func TestSwitchRing(t *testing.T) {
	if err := Native(); err != nil {
		t.Skip(err)
	}
	for _, n := range []int{2, 3, 500} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			defer watchdog(t)()
			const laps = 200
			var lock Lock
			fibers := make([]Fiber, n)
			var order []int // written by whoever has the turn
			var parked, ended sync.WaitGroup
			for i := range fibers {
				parked.Add(1)
				ended.Go(func() {
					f := &fibers[i]
					f.Bind(true)
					Pin()
					parked.Done()
					f.Park(nil)
					for range laps {
						order = append(order, i)
						lock.Lock()
						f.Switch(&fibers[(i+1)%n], &lock)
					}
					if i+1 < n {
						fibers[i+1].Ready()
					}
				})
			}
			parked.Wait()
			fibers[0].Ready()
			ended.Wait()
			if len(order) != laps*n {
				t.Fatalf("%d turns, want %d", len(order), laps*n)
			}
			for turn, i := range order {
				if i != turn%n {
					t.Fatalf("turn %d was that of fiber %d", turn, i)
				}
			}
		})
	}
}

// A Ready that comes between BeginPark and the park is not lost, and the park
// does not block.
func TestReadyBeforePark(t *testing.T) {
	for _, native := range []bool{true, false} {
		t.Run(fmt.Sprintf("native=%v", native), func(t *testing.T) {
			if err := Native(); native && err != nil {
				t.Skip(err)
			}
			defer watchdog(t)()
			done := make(chan struct{})
			go func() {
				defer close(done)
				var f Fiber
				f.Bind(native)
				for range 100 {
					Pin()
					f.BeginPark()
					f.Ready()
					f.Park(nil)
				}
			}()
			<-done
		})
	}
}

// A fiber whose goroutine is locked to its OS thread, or in a trace, is switched
// to through Go's scheduler: it keeps its OS thread.
func TestSwitchOfLockedGoroutine(t *testing.T) {
	if err := Native(); err != nil {
		t.Skip(err)
	}
	defer watchdog(t)()
	var a, b Fiber
	var lock Lock
	var parked, ended sync.WaitGroup
	parked.Add(1)
	ended.Go(func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		b.Bind(true)
		if !b.MayBeLocked() {
			t.Error("is not seen as locked")
		}
		m := currentM()
		Pin()
		parked.Done()
		b.Park(nil)
		for range 100 {
			if currentM() != m {
				t.Error("runs on another OS thread than the one that it is locked to")
			}
			lock.Lock()
			b.Switch(&a, &lock)
		}
	})
	parked.Wait()
	ended.Go(func() {
		a.Bind(true)
		if a.MayBeLocked() {
			t.Error("is seen as locked")
		}
		for range 100 {
			lock.Lock()
			a.Switch(&b, &lock)
		}
		b.Ready()
	})
	ended.Wait()
}

// currentM identifies the OS thread that the caller, which is locked or pinned, runs on.
func currentM() uintptr { return word(uintptr(getg()), gM) }

// A sleep that keeps the P moves its count of turns: sysmon would take the P away
// from who sleeps again and again, and seems never to have had another turn.
func TestSleepKeepsP(t *testing.T) {
	var s Sleeper
	Pin()
	p := word(currentM(), mP)
	before := half(p, pSchedtick)
	s.Sleep(time.Microsecond, true)
	turns := half(p, pSchedtick) - before
	Unpin()
	if turns != 1 {
		t.Errorf("%d turns of the P during a sleep, want 1", turns)
	}
}

// A P goes from one sleeper to the next, which is no race.
func TestSleepersShareP(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var ended sync.WaitGroup
	for range 10 {
		ended.Go(func() {
			var s Sleeper
			s.Sleep(time.Microsecond, true)
		})
	}
	ended.Wait()
}
