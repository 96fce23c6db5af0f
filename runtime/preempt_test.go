package gv_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"reflect"
	"regexp"
	goruntime "runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// A workload is code without a safepoint. round does a piece of it and returns
// a result that depends on all that it did.
type workload struct {
	name  string
	round func() any
}

var errInLoop = errors.New("in a loop")

// text is something to work on.
var text = bytes.Repeat([]byte("the quick brown fox 4711 jumps over the lazy dog; "), 200)

// uninstrumented is code of all kinds: what the compiler makes of tight loops,
// what keeps the collector busy, what lives in the standard library, and what
// moves or unwinds the stack.
var uninstrumented = []workload{
	{"integers", func() any { return enginetest.Spin(300_000) }},
	{"floats", func() any {
		x, y := 0.5, 1.25
		for range 200_000 {
			x = x*0.999 + y/3
			y = math.Sqrt(y*y+1) - 0.25*x
		}
		return [2]float64{x, y}
	}},
	{"complex", func() any {
		z := complex(0.1, 0.2)
		for range 100_000 {
			z = z*z + complex(0.1, 0.2)
		}
		return z
	}},
	{"allocations", func() any {
		type node struct {
			next *node
			n    int
		}
		var list *node
		sum := 0
		for i := range 20_000 {
			list = &node{list, i}
			if i%100 == 0 {
				for n := list; n != nil; n = n.next {
					sum += n.n
				}
				list = nil
			}
		}
		return sum
	}},
	{"slices", func() any {
		s := make([]int, 20_000)
		for i := range s {
			s[i] = i * 7919 % 20_011
		}
		slices.Sort(s)
		sum := 0
		for i, v := range s {
			sum += i * v
		}
		return sum
	}},
	{"maps", func() any {
		m := map[string]int{}
		for i := range 4000 {
			m[fmt.Sprint(i%500)] += i
		}
		sum := 0
		for k, v := range m {
			sum += len(k) * v
		}
		return sum
	}},
	{"strings", func() any {
		s := ""
		for i := range 500 {
			s += strings.Repeat("x", i%7)
		}
		return strings.Count(s, "xx")
	}},
	{"gzip", func() any {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		w.Write(text)
		w.Close()
		r, err := gzip.NewReader(&packed)
		if err != nil {
			return err
		}
		unpacked, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		return sha256.Sum256(unpacked)
	}},
	{"regexp", func() any {
		re := regexp.MustCompile(`(\w+) (\d+) (j\w*)`)
		return len(re.ReplaceAll(text, []byte("$3-$2-$1")))
	}},
	{"big", func() any {
		a, b := big.NewInt(1), big.NewInt(1)
		for range 3000 {
			a, b = b, a.Add(a, b)
		}
		return new(big.Int).Exp(b, big.NewInt(17), big.NewInt(1_000_000_007)).String()
	}},
	{"json", func() any {
		var v map[string][]float64
		in := `{"a": [` + strings.Repeat("1.5, 2.25e3, ", 200) + `0]}`
		if err := json.Unmarshal([]byte(in), &v); err != nil {
			return err
		}
		out, err := json.Marshal(v)
		if err != nil {
			return err
		}
		return sha256.Sum256(out)
	}},
	{"reflect", func() any {
		add := reflect.ValueOf(func(a, b int) int { return a + b })
		sum := 0
		for i := range 2000 {
			sum = int(add.Call([]reflect.Value{reflect.ValueOf(sum), reflect.ValueOf(i)})[0].Int())
		}
		return sum
	}},
	{"deferred calls", func() any {
		sum := 0
		for i := range 20_000 {
			func() {
				defer func() { sum += i }()
				defer func(n int) { sum ^= n }(sum)
			}()
		}
		return sum
	}},
	{"panics", func() any {
		caught := 0
		for i := range 2000 {
			func() {
				defer func() {
					if recover() == errInLoop {
						caught += i
					}
				}()
				descend(i%20, func() { panic(errInLoop) })
			}()
		}
		return caught
	}},
	{"stack growth", func() any {
		// Each goroutine stack starts small; a fresh depth each time, and the
		// collector shrinks it in between.
		sum := 0
		for depth := range 200 {
			sum += descend(depth*10, func() {})
		}
		return sum
	}},
	{"Go channels", func() any {
		c := make(chan int, 64)
		sum := 0
		for i := range 3000 {
			select {
			case c <- i:
			default:
				for len(c) > 0 {
					sum += <-c * i
				}
			}
		}
		return sum
	}},
	{"Go mutexes", func() any {
		var mu sync.RWMutex
		sum := 0
		for i := range 30_000 {
			mu.Lock()
			sum += i
			mu.Unlock()
			mu.RLock()
			sum ^= i
			mu.RUnlock()
		}
		return sum
	}},
	{"goroutines", func() any {
		var wg sync.WaitGroup
		var sum atomic.Int64
		for i := range 50 {
			wg.Go(func() { sum.Add(int64(i)) })
		}
		wg.Wait()
		return sum.Load()
	}},
}

// descend calls itself depth times, with a frame of some size and a pointer into
// it that a moved stack must take along, and calls bottom at the end.
func descend(depth int, bottom func()) int {
	var frame [16]int
	p := &frame[depth%16]
	*p = depth
	if depth == 0 {
		bottom()
		return 1
	}
	n := descend(depth-1, bottom)
	return n + *p
}

// wakeups is how often the higher thread must have run beside a workload.
func wakeups(engine gv.Engine) int64 {
	if engine == gv.Portable {
		return 4 // each takes up to a slice of Go's, 10 ms
	}
	return 15
}

// runPreempted runs a workload in Low threads on all workers, until a Critical
// thread that sleeps again and again has run often enough beside them, and
// reports rounds with a wrong result. Without preemption it never ends.
func runPreempted(t *testing.T, rt *gv.Runtime, load workload, workers int) {
	needStops(t, rt)
	want := load.round()
	var ticks atomic.Int64
	enough := wakeups(rt.Capabilities().Engine)
	var ts []*gv.Thread
	for range workers + 1 {
		ts = append(ts, rt.Go(func(context.Context) error {
			for rounds := 1; ticks.Load() < enough; rounds++ {
				if got := load.round(); !reflect.DeepEqual(got, want) {
					return fmt.Errorf("round %d: result %v, want %v", rounds, got, want)
				}
			}
			return nil
		}, gv.WithPriority(gv.Low), gv.WithName(load.name)))
	}
	ticker := rt.Go(func(context.Context) error {
		for ticks.Load() < enough {
			if err := gv.Sleep(100 * time.Microsecond); err != nil {
				return err
			}
			ticks.Add(1)
		}
		return nil
	}, gv.WithPriority(gv.Critical), gv.WithName("ticker"))
	if err := waitAll(append(ts, ticker)); err != nil {
		t.Error(err)
	}
}

// A thread of higher priority runs while uninstrumented code holds every worker,
// and that code's results are right.
func TestUninstrumentedCodeIsPreempted(t *testing.T) {
	const workers = 2
	for _, load := range uninstrumented {
		t.Run(load.name, func(t *testing.T) {
			onEachEngine(t, gv.Config{Workers: workers}, func(t *testing.T, rt *gv.Runtime) {
				runPreempted(t, rt, load, workers)
				if s := rt.Stats(); rt.Capabilities().Forced && s.Forced+s.Handoffs == 0 {
					t.Errorf("no worker was taken from a thread: %+v", s)
				}
			})
		})
	}
}

// A loop that calls nothing and ends only when another thread tells it to.
func TestInfiniteLoopIsPreempted(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		needStops(t, rt)
		var stop atomic.Bool
		var x uint64
		loop := rt.Go(func(context.Context) error {
			for !stop.Load() {
				for range 1000 { // see startSpinner
					x++
				}
			}
			return nil
		})
		until(func() bool { return loop.State() == gv.StateRunning })
		higher := rt.Go(func(context.Context) error {
			stop.Store(true)
			return nil
		}, gv.WithPriority(gv.High))
		if err := waitAll([]*gv.Thread{higher, loop}); err != nil {
			t.Error(err)
		}
	})
}

// beside runs disturb in goroutines until the test's body returns.
func beside(body func(), disturb ...func()) {
	var stop atomic.Bool
	var wg sync.WaitGroup
	for _, d := range disturb {
		wg.Go(func() {
			for !stop.Load() {
				d()
			}
		})
	}
	body()
	stop.Store(true)
	wg.Wait()
}

// collectGarbage runs the collector, which also shrinks stacks, and stops the
// world.
func collectGarbage() { goruntime.GC() }

// profileGoroutines reads all stacks, parked threads' included.
func profileGoroutines() { pprof.Lookup("goroutine").WriteTo(io.Discard, 0) }

// dumpStacks stops the world and walks all stacks.
func dumpStacks() { goruntime.Stack(make([]byte, 1<<16), true) }

// resizeProcessors stops the world and takes Ps away.
func resizeProcessors() {
	goruntime.GOMAXPROCS(goruntime.GOMAXPROCS(0))
	goruntime.Gosched()
}

// All kinds of uninstrumented code at once, while Go's own runtime does what it
// can to disturb: it stops the world, scans, moves and reads the stacks.
func TestPreemptionBesideGo(t *testing.T) {
	disturbances := map[string][]func(){
		"collector":      {collectGarbage},
		"profiles":       {profileGoroutines, dumpStacks},
		"stop the world": {resizeProcessors},
		"everything":     {collectGarbage, profileGoroutines, resizeProcessors},
	}
	for name, disturb := range disturbances {
		t.Run(name, func(t *testing.T) {
			onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
				needStops(t, rt)
				beside(func() {
					var ts []*gv.Thread
					var ticks atomic.Int64
					enough := wakeups(rt.Capabilities().Engine)
					for _, load := range uninstrumented {
						ts = append(ts, rt.Go(func(context.Context) error {
							want := load.round()
							for ticks.Load() < enough {
								if got := load.round(); !reflect.DeepEqual(got, want) {
									return fmt.Errorf("result %v, want %v", got, want)
								}
							}
							return nil
						}, gv.WithPriority(gv.Low), gv.WithName(load.name)))
					}
					ts = append(ts, rt.Go(func(context.Context) error {
						for ticks.Load() < enough {
							if err := gv.Sleep(100 * time.Microsecond); err != nil {
								return err
							}
							ticks.Add(1)
						}
						return nil
					}, gv.WithPriority(gv.Critical)))
					if err := waitAll(ts); err != nil {
						t.Error(err)
					}
				}, disturb...)
			})
		})
	}
}

// A CPU profile is taken by signals that hit switches and preemptions anywhere.
func TestPreemptionBesideCPUProfile(t *testing.T) {
	if err := pprof.StartCPUProfile(io.Discard); err != nil {
		t.Skip(err)
	}
	defer pprof.StopCPUProfile()
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		var ts []*gv.Thread
		for _, load := range uninstrumented {
			ts = append(ts, rt.Go(func(context.Context) error {
				for range 20 {
					load.round()
					gv.Yield()
				}
				return nil
			}))
		}
		if err := waitAll(ts); err != nil {
			t.Error(err)
		}
	})
}

// Threads that park and are woken in quick succession, while a higher one makes
// the Monitor stop whichever runs: a request may reach its thread at any point
// of its way to sleep, and must neither be taken for a wake-up nor swallow one.
func TestPreemptionRacesWithParking(t *testing.T) {
	const pairs, rounds = 4, 3000
	rt := openForced(t, gv.Config{Workers: 2, Grace: time.Microsecond, TimeSlice: 50 * time.Microsecond})
	var over atomic.Bool
	var ts []*gv.Thread
	for range 2 {
		ts = append(ts, rt.Go(func(context.Context) error {
			for !over.Load() {
				if err := gv.Sleep(20 * time.Microsecond); err != nil {
					return err
				}
			}
			return nil
		}, gv.WithPriority(gv.Critical)))
	}
	var players []*gv.Thread
	for range pairs {
		there, back := gv.NewChan[int](0), gv.NewChan[int](0)
		players = append(players,
			rt.Go(func(context.Context) error {
				for i := range rounds {
					if err := there.Send(i); err != nil {
						return err
					}
					if v, err := back.Recv(); err != nil || v != i {
						return fmt.Errorf("round %d: received %d, %v", i, v, err)
					}
				}
				return nil
			}, gv.WithPriority(gv.Low)),
			rt.Go(func(context.Context) error {
				for i := range rounds {
					v, err := there.Recv()
					if err != nil || v != i {
						return fmt.Errorf("round %d: received %d, %v", i, v, err)
					}
					enginetest.Spin(i % 100)
					if err := back.Send(v); err != nil {
						return err
					}
				}
				return nil
			}, gv.WithPriority(gv.Low)))
	}
	if err := waitAll(players); err != nil {
		t.Error(err)
	}
	over.Store(true)
	if err := waitAll(ts); err != nil {
		t.Error(err)
	}
}

// With NoForced only safepoints preempt.
func TestNoForced(t *testing.T) {
	rt := open(t, gv.Config{Engine: gv.Native, Workers: 1, NoForced: true})
	var ran atomic.Bool
	loop := rt.Go(func(context.Context) error {
		higher := rt.Go(func(context.Context) error {
			ran.Store(true)
			return nil
		}, gv.WithPriority(gv.Low))
		go higher.SetPriority(gv.Critical) // in a thread it is a safepoint
		for range 20 {
			enginetest.Spin(1_000_000)
		}
		if ran.Load() {
			return errors.New("a thread without a safepoint was preempted")
		}
		for !ran.Load() {
			enginetest.Spin(100)
			gv.Safepoint()
		}
		return nil
	})
	if err := loop.Wait(); err != nil {
		t.Error(err)
	}
	if n := rt.Stats().Forced; n != 0 {
		t.Errorf("%d forced preemptions", n)
	}
}
