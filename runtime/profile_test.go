package gv_test

import (
	"context"
	"io"
	goruntime "runtime"
	"runtime/pprof"
	"strings"
	"sync/atomic"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// countInProfile takes a goroutine profile and counts the goroutines that are in a
// function of the given name.
func countInProfile(t *testing.T, name string) (n int) {
	records := make([]goruntime.StackRecord, 1000)
	m, ok := goruntime.GoroutineProfile(records)
	if !ok {
		t.Fatalf("there are %d goroutines", m)
	}
	for _, r := range records[:m] {
		frames := goruntime.CallersFrames(r.Stack())
		for more := true; more; {
			var f goruntime.Frame
			f, more = frames.Next()
			if strings.HasSuffix(f.Function, name) {
				n++
				break
			}
		}
	}
	return n
}

//go:noinline
func isInProfile(fn func()) { fn() }

// A goroutine profile has all threads: those that run, those that are ready and
// those that have parked just now.
func TestGoroutineProfileIsComplete(t *testing.T) {
	const threads, profiles = 12, 100
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		var over atomic.Bool
		var started atomic.Int32
		c := gv.NewChan[int](1)
		var all []*gv.Thread
		for i := range threads {
			all = append(all, rt.Go(func(context.Context) error {
				isInProfile(func() {
					started.Add(1)
					for !over.Load() {
						switch i % 3 {
						case 0:
							enginetest.Spin(1000)
							gv.Yield()
						case 1:
							c.Send(1)
						case 2:
							c.TryRecv()
							enginetest.Spin(100)
							gv.Safepoint()
						}
					}
				})
				return nil
			}))
		}
		until(func() bool { return started.Load() == threads })
		for range profiles {
			if n := countInProfile(t, ".isInProfile"); n != threads {
				t.Errorf("%d of %d threads are in the profile", n, threads)
			}
		}
		over.Store(true)
		c.Close()
		for _, th := range all {
			if err := th.Wait(); err != nil {
				t.Error(err)
			}
		}
	})
}

// A parked thread is not taken for a leaked goroutine because it has waited for a
// channel of Go's before.
func TestGoroutineLeakProfile(t *testing.T) {
	profile := pprof.Lookup("goroutineleak")
	if profile == nil {
		t.Skip("this release of Go has no profile of leaked goroutines")
	}
	for name, wait := range map[string]func(){
		"yields":     gv.Yield,
		"is stopped": func() { enginetest.Spin(2000) },
	} {
		t.Run(name, func(t *testing.T) {
			onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
				const threads, profiles = 4, 20
				var over atomic.Bool
				for range threads {
					rt.Go(func(context.Context) error {
						c := make(chan int)
						go func() { c <- 1 }()
						<-c
						for !over.Load() {
							wait()
						}
						return nil
					})
				}
				for range profiles {
					if err := profile.WriteTo(io.Discard, 0); err != nil {
						t.Error(err)
					}
				}
				over.Store(true)
			})
		})
	}
}
