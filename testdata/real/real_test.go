// Package real_test shows threads with what other programs have: clients that compare the
// errors of threads' contexts with ==, WebSockets through gvhttp, and the live page in a
// browser.
package real_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// soon is when deadlines pass. Calls wait for nothing else.
const soon = 200 * time.Millisecond

// An ending is a way in which a thread's context ends while a call waits.
type ending struct {
	name string
	// err is the error of the context.
	err error
	// given makes the context that the thread is given.
	given func(context.Context) (context.Context, context.CancelFunc)
	// end ends the thread's context, if the deadline doesn't.
	end func(*gv.Thread)
}

var endings = []ending{
	{"cancelled", context.Canceled, context.WithCancel, func(th *gv.Thread) { th.Cancel(errors.New("stop")) }},
	{"deadline", context.DeadlineExceeded, func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeout(ctx, soon)
	}, func(*gv.Thread) {}},
	{"deadline with a cause", context.DeadlineExceeded, func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeoutCause(ctx, soon, errors.New("too slow"))
	}, func(*gv.Thread) {}},
}

// onEachEnding makes a call in a thread for each ending, with the thread's context and
// with one derived from it, and has check look at the error that it returns. The
// context ends when the call has said that it waits.
func onEachEnding(t *testing.T, call func(ctx context.Context, waits func()) error, check func(e ending, err error) error) {
	for _, e := range endings {
		t.Run(e.name, func(t *testing.T) {
			for kind, derive := range map[string]func(context.Context) (context.Context, context.CancelFunc){
				"the thread's": func(ctx context.Context) (context.Context, context.CancelFunc) { return ctx, func() {} },
				"derived":      context.WithCancel,
			} {
				given, stop := e.given(t.Context())
				waiting := make(chan struct{})
				th := gv.Go(func(ctx context.Context) error {
					ctx, stop := derive(ctx)
					defer stop()
					return call(ctx, sync.OnceFunc(func() { close(waiting) }))
				}, gv.WithContext(given))
				<-waiting
				e.end(th)
				if err := check(e, th.Wait()); err != nil {
					t.Errorf("context %s: %v", kind, err)
				}
				stop()
			}
		})
	}
}

// isContextErr says what is wrong with err if it isn't the context's.
func isContextErr(e ending, err error) error {
	if !errors.Is(err, e.err) {
		return fmt.Errorf("%v (%T), want one that wraps %v", err, err, e.err)
	}
	return nil
}

// A Dial that waits for its name server, which says nothing, has a timeout if the
// deadline has passed, and else none.
func TestDial(t *testing.T) {
	onEachEnding(t, func(ctx context.Context, waits func()) error {
		dialer := net.Dialer{Resolver: &net.Resolver{
			PreferGo: true,
			Dial: func(lookup context.Context, _, _ string) (net.Conn, error) {
				waits()
				<-lookup.Done()
				return nil, lookup.Err()
			},
		}}
		_, err := dialer.DialContext(ctx, "tcp", "name.invalid:80")
		return err
	}, func(e ending, err error) error {
		var n net.Error
		if timeout := e.err == context.DeadlineExceeded; !errors.As(err, &n) || n.Timeout() != timeout {
			return fmt.Errorf("%v (%T): Timeout is not %v", err, err, timeout)
		}
		return nil
	})
}
