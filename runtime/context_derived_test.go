package gv_test

import (
	"context"
	"errors"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// Contexts of every kind that are derived from a thread's have its error and cause,
// whether they were made before the end or after, and whatever stands in between.
func TestDerivedContexts(t *testing.T) {
	type key struct{}
	derivations := map[string]func(context.Context) (context.Context, func()){
		"WithCancel": func(c context.Context) (context.Context, func()) {
			d, stop := context.WithCancel(c)
			return d, stop
		},
		"WithCancelCause": func(c context.Context) (context.Context, func()) {
			d, stop := context.WithCancelCause(c)
			return d, func() { stop(nil) }
		},
		"WithTimeout": func(c context.Context) (context.Context, func()) {
			d, stop := context.WithTimeout(c, 10*long)
			return d, stop
		},
		"WithDeadlineCause": func(c context.Context) (context.Context, func()) {
			d, stop := context.WithDeadlineCause(c, time.Now().Add(time.Minute), errors.New("own"))
			return d, stop
		},
		"WithValue": func(c context.Context) (context.Context, func()) {
			return context.WithValue(c, key{}, 1), func() {}
		},
		"embedded": func(c context.Context) (context.Context, func()) {
			d, stop := context.WithCancel(struct{ context.Context }{c})
			return d, stop
		},
		"two levels": func(c context.Context) (context.Context, func()) {
			d, stop := context.WithTimeout(context.WithValue(c, key{}, 1), long)
			e, stopE := context.WithCancel(d)
			return e, func() { stopE(); stop() }
		},
		"another thread's": func(c context.Context) (context.Context, func()) {
			contexts := make(chan context.Context)
			th := gv.Go(func(ctx context.Context) error {
				contexts <- ctx
				<-ctx.Done()
				return nil
			}, gv.WithContext(c))
			return <-contexts, func() { _ = th.Wait() }
		},
	}
	own := errors.New("why")
	for name, end := range map[string]struct {
		given      func() (context.Context, func())
		err, cause error
	}{
		"cancelled": {func() (context.Context, func()) {
			c, cancel := context.WithCancelCause(context.Background())
			return c, func() { cancel(errStop) }
		}, context.Canceled, errStop},
		"deadline": {func() (context.Context, func()) {
			c, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
			return c, func() { <-c.Done(); cancel() }
		}, context.DeadlineExceeded, context.DeadlineExceeded},
		"deadline with a cause": {func() (context.Context, func()) {
			c, cancel := context.WithTimeoutCause(context.Background(), 20*time.Millisecond, own)
			return c, func() { <-c.Done(); cancel() }
		}, context.DeadlineExceeded, own},
	} {
		t.Run(name, func(t *testing.T) {
			onEachEngine(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
				given, finish := end.given()
				contexts := make(chan context.Context)
				release := make(chan struct{})
				th := rt.Go(func(ctx context.Context) error {
					contexts <- ctx
					gv.Block(func() { <-release })
					return nil
				}, gv.WithContext(given))
				ctx := <-contexts
				before := make(map[string]context.Context)
				for kind, derive := range derivations {
					d, stop := derive(ctx)
					defer stop()
					before[kind] = d
				}
				called := make(chan struct{})
				context.AfterFunc(ctx, func() { close(called) })
				outlives := context.WithoutCancel(ctx)
				finish()
				<-called
				for kind, d := range before {
					<-d.Done()
					if err := wantEnd(d, end.err, end.cause); err != nil {
						t.Errorf("%s: %v", kind, err)
					}
				}
				close(release)
				_ = th.Wait()
				for kind, derive := range derivations {
					if kind == "another thread's" {
						continue // one never starts with a context that has ended
					}
					d, stop := derive(ctx)
					defer stop()
					if err := wantEnd(d, end.err, end.cause); err != nil {
						t.Errorf("%s, made after the end: %v", kind, err)
					}
				}
				if outlives.Err() != nil || context.Cause(outlives) != nil {
					t.Errorf("WithoutCancel ends with %v, because of %v", outlives.Err(), context.Cause(outlives))
				}
			})
		})
	}
}

// A cause is the thread's, not that of the given context which ends later.
func TestCauseIsTheFirst(t *testing.T) {
	onEachEngine(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		for _, asked := range []bool{false, true} {
			given, cancel := context.WithCancelCause(context.Background())
			ctx := contextOf(t, rt, func(ctx context.Context) {
				if asked {
					ctx.Done()
				}
				gv.Current().Cancel(errStop)
				cancel(errors.New("too late"))
			}, gv.WithContext(given))
			if err := wantEnd(ctx, context.Canceled, errStop); err != nil {
				t.Errorf("Done asked for: %v: %v", asked, err)
			}
		}
	})
}
