//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"runtime/trace"
	"strings"
	"sync"
	"testing"
	"time"
)

// slotsEnv is what the environment must have for slots.
const slotsEnv = "GODEBUG=gcshrinkstackoff=1"

// self returns the command that runs one test of this program, with additions to the
// environment.
func self(t *testing.T, test string, env ...string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args := append(strings.Fields(os.Getenv("GV_EMULATOR")), program, "-test.run=^"+test+"$", "-test.timeout=120s")
	if testing.Short() {
		args = append(args, "-test.short")
	}
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Env = append(os.Environ(), env...)
	return cmd
}

// onSlots runs a test of slots: in a process of its own, unless this one has what they need.
func onSlots(t *testing.T) (child bool) {
	t.Helper()
	if err := Native(); err != nil {
		t.Skip(err)
	}
	if SlotStacks() == nil {
		return true
	}
	if out, err := self(t, t.Name(), slotsEnv).CombinedOutput(); err != nil {
		t.Errorf("with %s: %v\n%.4000s", slotsEnv, err, out)
	}
	return false
}

// openTestSlots is OpenSlots for a test, which Close must not keep from ending.
func openTestSlots(t *testing.T, count, size int) *Slots {
	t.Helper()
	r, err := OpenSlots(count, size)
	if err != nil {
		t.Fatal(err)
	}
	stop := watchdog(t)
	t.Cleanup(func() {
		r.Close()
		stop()
	})
	return r
}

// run runs fn on a slot, and waits until its goroutine has called fn.
func (r *Slots) run(fn func(*Slot)) {
	done := make(chan struct{})
	r.Launch(func(s *Slot) {
		defer close(done)
		fn(s)
	})
	<-done
}

// taken returns how many slots are taken.
func (r *Slots) taken() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fresh - len(r.free)
}

// A goroutine on a slot does what goroutines do, and its stack has no frames but its own.
func TestSlotRun(t *testing.T) {
	if !onSlots(t) {
		return
	}
	r := openTestSlots(t, 2, 16<<20)
	r.run(func(s *Slot) {
		text := string(debug.Stack())
		if !strings.Contains(text, "arch.slotReturn") || strings.Contains(text, "enterSlot") {
			t.Errorf("the stack trace is\n%s", text)
		}
		if depth := StackDepth(); depth <= 0 || depth > 4096 {
			t.Errorf("%d bytes of a new stack are used", depth)
		}
		if sum := recurse(100_000); sum != 100_000 {
			t.Errorf("a sum over 100,000 frames is %d", sum)
		}
		if high := r.HighWater(s); high < 100_000*16 || high > 16<<20 {
			t.Errorf("%d bytes were used", high)
		}
	})
}

//go:noinline
func recurse(n int) int {
	if n == 0 {
		return 0
	}
	return 1 + recurse(n-1)
}

// Panics are recovered on a slot, at any depth, and the collector and the unwinder find
// their way meanwhile.
func TestSlotPanics(t *testing.T) {
	if !onSlots(t) {
		return
	}
	r := openTestSlots(t, 8, 16<<20)
	var ended sync.WaitGroup
	for range 8 {
		ended.Add(1)
		r.Launch(func(*Slot) {
			defer ended.Done()
			for depth := range 200 {
				want := errors.New("deep")
				if got := panicAt(depth, want); got != want {
					t.Errorf("recovered %v", got)
				}
				if depth%50 == 0 {
					runtime.GC()
				}
			}
		})
	}
	ended.Wait()
}

//go:noinline
func panicAt(depth int, v error) (recovered any) {
	if depth%20 == 0 {
		defer func() {
			if v := recover(); v != nil {
				recovered = v
			}
		}()
	}
	if depth == 0 {
		var nothing *int
		defer func() {
			_ = recover() // of the nil dereference
			panic(v)
		}()
		*nothing = 1
	}
	for range depth % 3 { // linked, not open-coded
		defer runtime.Gosched()
	}
	return panicAt(depth-1, v)
}

// runtime.Goexit ends the goroutine on its own stack, from a panic's deferred functions, too;
// and the slot goes on to the next.
func TestSlotGoexit(t *testing.T) {
	if !onSlots(t) {
		return
	}
	r := openTestSlots(t, 3, 16<<20)
	before := runtime.NumGoroutine()
	for i := range 1000 {
		r.run(func(*Slot) {
			if i%3 == 0 {
				defer runtime.Goexit()
				panic("never seen")
			}
			exitAt(i % 100)
		})
		if i%100 == 0 {
			runtime.GC()
		}
	}
	for i := 0; runtime.NumGoroutine() > before || r.taken() > 0; i++ {
		if i == 10_000 {
			t.Fatalf("%d goroutines, %d before, on %d slots", runtime.NumGoroutine(), before, r.taken())
		}
		time.Sleep(time.Millisecond)
	}
}

//go:noinline
func exitAt(depth int) {
	defer func() { _ = recover() }()
	if depth == 0 {
		runtime.Goexit()
	}
	exitAt(depth - 1)
}

// Fibers on slots switch, park, and are resumed and stopped in all ways, beside all that
// looks at stacks. Some are gone through by recursion that would move others.
func TestSlotSwitchStress(t *testing.T) {
	if !onSlots(t) {
		return
	}
	traced := func(*stage, *rand.Rand) {
		if trace.Start(io.Discard) == nil {
			time.Sleep(time.Millisecond)
			trace.Stop()
		}
	}
	cpu := func(*stage, *rand.Rand) {
		if pprof.StartCPUProfile(io.Discard) == nil {
			time.Sleep(20 * time.Millisecond)
			pprof.StopCPUProfile()
		}
	}
	for name, beside := range map[string][]func(*stage, *rand.Rand){
		"alone":     nil,
		"collector": {collect},
		"profiles":  {profile, stopTheWorld, cpu},
		"traces":    {traced},
		"all":       {collect, profile, preempt, traced, cpu},
	} {
		t.Run(name, func(t *testing.T) {
			if ForcedPreemption() != nil && name == "all" {
				t.Skip(ForcedPreemption())
			}
			r := openTestSlots(t, 40, 16<<20)
			launch := func(fn func()) { r.Launch(func(*Slot) { fn() }) }
			seeds := uint64(3)
			if testing.Short() {
				seeds = 1
			}
			for seed := range seeds {
				playOn(t, launch, seed, true, 40, 2, 150, beside...)
			}
		})
	}
}

// Goroutines on slots come and go, more than there are slots, beside the collector and
// Clean: the memory of none is lost while it is used.
func TestSlotsComeAndGo(t *testing.T) {
	if !onSlots(t) {
		return
	}
	r := openTestSlots(t, 16, minSlot)
	stop := make(chan struct{})
	var beside, ended sync.WaitGroup
	beside.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
				r.Clean()
			}
		}
	})
	for i := range 2000 {
		ended.Add(1)
		r.Launch(func(s *Slot) {
			defer ended.Done()
			s.Label(uint64(i), 1)
			data := make([]*int, 100)
			for j := range data {
				data[j] = new(int)
				*data[j] = i
			}
			runtime.Gosched()
			if i%7 == 0 {
				recurse(10_000)
			}
			for _, p := range data {
				if *p != i {
					t.Errorf("goroutine %d reads %d", i, *p)
				}
			}
			if s.thread != uint64(i) {
				t.Errorf("goroutine %d is on the slot of %d", i, s.thread)
			}
		})
	}
	ended.Wait()
	close(stop)
	beside.Wait()
}
