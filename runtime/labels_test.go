package gv_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	goruntime "runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/gvthread/gvthread/arch"
	gv "github.com/gvthread/gvthread/runtime"
)

type labels = map[string]string

// threadLabels are those of a thread, with others.
func threadLabels(name string, p gv.Priority, others labels) labels {
	all := labels{"gv.thread": name, "gv.priority": p.String()}
	maps.Copy(all, others)
	return all
}

// labelsOf returns the labels that ctx has.
func labelsOf(ctx context.Context) labels {
	all := labels{}
	pprof.ForLabels(ctx, func(key, value string) bool {
		all[key] = value
		return true
	})
	return all
}

// needLabels skips a test in releases of Go in which the labels of a goroutine can't be read.
func needLabels(t *testing.T) {
	t.Helper()
	if _, known := arch.Labels(); !known {
		t.Skip("package arch doesn't know how to read the labels of a goroutine in this release of Go")
	}
}

// wantLabels says what is wrong with the labels of the calling goroutine.
func wantLabels(want labels) error {
	ctx, _ := arch.Labels()
	if got := labelsOf(ctx); !maps.Equal(got, want) {
		return fmt.Errorf("the goroutine has the labels %v, want %v", got, want)
	}
	return nil
}

// wantAllLabels is wantLabels for the goroutine and for its thread's context.
func wantAllLabels(ctx context.Context, want labels) error {
	if got := labelsOf(ctx); !maps.Equal(got, want) {
		return fmt.Errorf("the context has the labels %v, want %v", got, want)
	}
	return wantLabels(want)
}

// profileLabels is a Config with labels.
var profileLabels = gv.Config{Workers: 2, ProfileLabels: true}

// A thread has its labels, with those of the context that it was given; so has its context.
func TestProfileLabels(t *testing.T) {
	needLabels(t)
	given := pprof.WithLabels(context.Background(), pprof.Labels("user", "7", "gv.thread", "other"))
	onEachEngine(t, profileLabels, func(t *testing.T, rt *gv.Runtime) {
		for _, test := range []struct {
			want labels
			opts []gv.Option
		}{
			{threadLabels("", gv.Normal, nil), nil},
			{threadLabels("reindex", gv.Low, nil), []gv.Option{gv.WithName("reindex"), gv.WithPriority(gv.Low)}},
			{threadLabels("", gv.Normal, labels{"user": "7"}), []gv.Option{gv.WithContext(given)}},
			{threadLabels("reindex", gv.High, labels{"user": "7"}), []gv.Option{gv.WithContext(given), gv.WithName("reindex"), gv.WithPriority(gv.High)}},
		} {
			if err := rt.Run(func(ctx context.Context) error { return wantAllLabels(ctx, test.want) }, test.opts...); err != nil {
				t.Error(err)
			}
		}
	})
}

// Without the option there are no labels but the user's.
func TestNoProfileLabels(t *testing.T) {
	needLabels(t)
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		look := func(ctx context.Context) error {
			gv.Current().SetPriority(gv.High)
			return wantAllLabels(ctx, labels{})
		}
		if err := errors.Join(rt.Run(look, gv.WithName("reindex")), rt.Do(look, gv.WithName("reindex"))); err != nil {
			t.Error(err)
		}
	})
}

// What a thread starts has the labels: a goroutine as it is in Go, a thread if it is given
// the context, with its own name and priority.
func TestProfileLabelsOfChildren(t *testing.T) {
	needLabels(t)
	onEachEngine(t, profileLabels, func(t *testing.T, rt *gv.Runtime) {
		err := rt.Run(func(ctx context.Context) error {
			var all []error
			pprof.Do(ctx, pprof.Labels("part", "1"), func(ctx context.Context) {
				goroutine := make(chan error)
				go func() { goroutine <- wantLabels(threadLabels("parent", gv.High, labels{"part": "1"})) }()
				look := func(want labels) func(context.Context) error {
					return func(ctx context.Context) error { return wantAllLabels(ctx, want) }
				}
				all = append(all, <-goroutine,
					gv.Go(look(threadLabels("", gv.Normal, nil))).Wait(),
					gv.Go(look(threadLabels("", gv.Normal, labels{"part": "1"})), gv.WithContext(ctx)).Wait(),
					gv.Go(look(threadLabels("child", gv.Low, labels{"part": "1"})), gv.WithContext(ctx), gv.WithName("child"), gv.WithPriority(gv.Low)).Wait())
			})
			return errors.Join(append(all, wantAllLabels(ctx, threadLabels("parent", gv.High, nil)))...)
		}, gv.WithName("parent"), gv.WithPriority(gv.High))
		if err != nil {
			t.Error(err)
		}
	})
}

// The label follows a thread that changes its own priority, beside labels that the thread
// has set. Where others do, it comes with the next that the thread sets.
func TestPriorityLabelFollows(t *testing.T) {
	needLabels(t)
	onEachEngine(t, profileLabels, func(t *testing.T, rt *gv.Runtime) {
		err := rt.Run(func(ctx context.Context) error {
			self := gv.Current()
			var inside error
			pprof.Do(ctx, pprof.Labels("part", "1"), func(context.Context) {
				self.SetPriority(gv.Low)
				inside = wantLabels(threadLabels("reindex", gv.Low, labels{"part": "1"}))
			})
			after := wantAllLabels(ctx, threadLabels("reindex", gv.Low, nil))
			gv.Block(func() {
				set := make(chan struct{})
				go func() {
					defer close(set)
					self.SetPriority(gv.High)
				}()
				<-set
			})
			stays := wantLabels(threadLabels("reindex", gv.Low, nil))
			pprof.Do(ctx, pprof.Labels("part", "2"), func(context.Context) {
				stays = errors.Join(stays, wantLabels(threadLabels("reindex", gv.High, labels{"part": "2"})))
			})
			return errors.Join(inside, after, stays, wantAllLabels(ctx, threadLabels("reindex", gv.High, nil)))
		}, gv.WithName("reindex"))
		if err != nil {
			t.Error(err)
		}
	})
}

// Do adds the thread's labels to the goroutine's, which has its own back afterwards, however
// the function ends and whatever it has set.
func TestDoGivesLabelsBack(t *testing.T) {
	needLabels(t)
	onEachEngine(t, profileLabels, func(t *testing.T, rt *gv.Runtime) {
		for _, mine := range []labels{{}, {"user": "7"}} {
			ctx := context.Background()
			for key, value := range mine {
				ctx = pprof.WithLabels(ctx, pprof.Labels(key, value))
			}
			inside := errors.New("not called")
			do := func(end func(), opts ...gv.Option) {
				_ = rt.Do(func(ctx context.Context) error {
					inside = wantLabels(threadLabels("answer", gv.Critical, mine))
					pprof.SetGoroutineLabels(pprof.WithLabels(ctx, pprof.Labels("user", "8")))
					end()
					return nil
				}, append(opts, gv.WithName("answer"), gv.WithPriority(gv.Critical))...)
			}
			for name, call := range map[string]func(){
				"returns": func() { do(func() {}) },
				"panics":  func() { do(func() { panic(errStop) }) },
				"panics on": func() {
					defer func() { _ = recover() }()
					do(func() { panic(errStop) }, gv.WithRepanic())
				},
				"ends the goroutine": func() { do(goruntime.Goexit) },
			} {
				t.Run(fmt.Sprint(name, len(mine)), func(t *testing.T) {
					ended := make(chan error)
					go func() {
						defer func() { ended <- errors.Join(inside, wantLabels(mine)) }()
						pprof.SetGoroutineLabels(ctx)
						call()
					}()
					if err := <-ended; err != nil {
						t.Error(err)
					}
				})
			}
		}
	})
}

// Do in a thread gives that one's labels back.
func TestDoInThreadGivesLabelsBack(t *testing.T) {
	needLabels(t)
	onEachEngine(t, profileLabels, func(t *testing.T, rt *gv.Runtime) {
		err := rt.Run(func(ctx context.Context) error {
			inner := gv.Do(func(context.Context) error { return wantLabels(threadLabels("", gv.Low, nil)) }, gv.WithPriority(gv.Low))
			return errors.Join(inner, wantAllLabels(ctx, threadLabels("outer", gv.Normal, nil)))
		}, gv.WithName("outer"))
		if err != nil {
			t.Error(err)
		}
	})
}

// labelledInProfile returns how many goroutines have the labels in a goroutine profile.
func labelledInProfile(t *testing.T, labels string) (n int) {
	var b strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil {
		t.Fatal(err)
	}
	// A stack's number of goroutines comes before the labels that they have.
	for _, stack := range strings.Split(b.String(), "\n\n") {
		var here int
		if i := strings.LastIndex(stack, " @ "); i >= 0 && strings.Contains(stack, "# labels: "+labels) {
			if _, err := fmt.Sscan(stack[strings.LastIndexByte(stack[:i], '\n')+1:i], &here); err != nil {
				t.Fatalf("goroutine profile: %v in\n%s", err, stack)
			}
		}
		n += here
	}
	return n
}

// A goroutine profile has the threads by name, those that run and those that wait, and a
// goroutine that carries none has no name left.
func TestGoroutineProfileHasNames(t *testing.T) {
	const running, waiting = `{"gv.priority":"Low", "gv.thread":"runs"}`, `{"gv.priority":"Critical", "gv.thread":"waits"}`
	onEachEngine(t, profileLabels, func(t *testing.T, rt *gv.Runtime) {
		c := gv.NewChan[int](0)
		var all []*gv.Thread
		for range 3 {
			all = append(all, rt.Go(func(context.Context) error {
				for {
					if _, err := c.TryRecv(); errors.Is(err, gv.ErrClosed) {
						return nil
					}
					gv.Yield()
				}
			}, gv.WithName("runs"), gv.WithPriority(gv.Low)))
			all = append(all, rt.Go(func(context.Context) error {
				_, err := c.Recv()
				if errors.Is(err, gv.ErrClosed) {
					return nil
				}
				return err
			}, gv.WithName("waits"), gv.WithPriority(gv.Critical)))
		}
		until(func() bool { return labelledInProfile(t, running) == 3 && labelledInProfile(t, waiting) == 3 })
		c.Close()
		if err := waitAll(all); err != nil {
			t.Error(err)
		}
		until(func() bool { return labelledInProfile(t, running) == 0 && labelledInProfile(t, waiting) == 0 })
	})
}

// A stack trace has the name, where Go prints labels.
func TestTracebackHasName(t *testing.T) {
	t.Setenv("GODEBUG", "tracebacklabels=1")
	onEachEngine(t, profileLabels, func(t *testing.T, rt *gv.Runtime) {
		var stack string
		if err := rt.Run(func(context.Context) error { stack = string(debug.Stack()); return nil }, gv.WithName("reindex")); err != nil {
			t.Fatal(err)
		}
		header, _, _ := strings.Cut(stack, "\n")
		header = strings.ReplaceAll(header, `"`, "") // Go 1.27 has none
		if !strings.Contains(header, "{gv.priority: Normal, gv.thread: reindex}") {
			t.Errorf("the stack begins with %s", header)
		}
	})
}
