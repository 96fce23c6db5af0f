package gvtest

import (
	"context"
	"fmt"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// Run calls fn as a thread of a new runtime, waits for its end, and closes the runtime, which
// ends all that belongs to it. An error that fn returns, and a panic that nobody has waited
// for, fails t.
//
// fn is to wait for the threads that it starts. One that is alive a second after fn has
// returned nil has leaked, and fails t with a dump of the runtime. If fn returns an error,
// panics, or calls FailNow, the threads that it has left are cancelled.
//
// If t has a deadline, which it has by -timeout, and fn or a thread has not ended shortly
// before, t fails with a dump and the stacks of all goroutines, all threads are cancelled,
// and Run returns after a second at most: it does not hang. Run must not be called in a bubble
// of testing/synctest.
func Run(t testing.TB, fn func(context.Context) error, opts ...Option) {
	t.Helper()
	config, err := apply(opts).forRun()
	if err != nil {
		t.Fatal(err)
	}
	rt, err := gv.New(config)
	if err != nil {
		t.Fatalf("gvtest: %v", err)
	}
	expired, stop := expiry(t)
	defer stop()
	done := make(chan struct{})
	var failures []string
	go func() {
		defer close(done)
		failures = runAndClose(t, rt, fn)
	}()
	select {
	case <-done:
		for _, f := range failures {
			t.Error("gvtest: " + f)
		}
	case <-expired:
		t.Error("gvtest: the test's deadline has come:\n" + describe(rt))
		go rt.Close()
		if !ended(done) {
			t.Error("gvtest: threads have not ended after they were cancelled, and are left behind")
		}
	}
}

// runAndClose runs fn, closes rt, and returns what has gone wrong.
func runAndClose(t testing.TB, rt *gv.Runtime, fn func(context.Context) error) (failures []string) {
	well, result := make(chan bool, 2), make(chan error, 1) // well: fn has returned nil
	go func() {
		// Run gets the panics of all threads, also of those that nobody else knows any more.
		result <- rt.Run(func(ctx context.Context) (err error) {
			returned := false
			defer func() { well <- returned && err == nil }()
			err = fn(ctx)
			returned = true
			return err
		}, gv.WithName("fn"))
		well <- false // if it was not called
	}()
	if <-well {
		if leaked := leaks(rt); leaked != "" {
			failures = append(failures, leaked)
		}
	}
	closeErr := rt.Close()
	for _, err := range []error{<-result, closeErr} {
		said := err == gv.ErrGoexit && (t.Failed() || t.Skipped())
		if err != nil && !said {
			failures = append(failures, fmt.Sprintf("%+v", err))
		}
	}
	return failures
}

const (
	// leakPatience is for how long threads may be alive after fn.
	leakPatience = time.Second
	leakTries    = 200
	// endPatience is for how long threads may take to end that are told to.
	endPatience = time.Second
	// expiryMost is how long before the deadline of a test it is taken to have come, at most:
	// else a tenth of the time that is left.
	expiryMost = 5 * time.Second
)

// leaks describes the threads that are alive, "" if there are none soon.
func leaks(rt *gv.Runtime) string {
	for range leakTries {
		if rt.Stats().Threads == 0 {
			return ""
		}
		time.Sleep(leakPatience / leakTries)
	}
	var b strings.Builder
	b.WriteString("fn has returned, and has left threads that are alive:\n")
	rt.Dump(&b) // a strings.Builder takes all
	return b.String()
}

// expiry returns a channel that is closed shortly before t's deadline, nil if there is none;
// stop is to be called.
func expiry(t testing.TB) (expired <-chan struct{}, stop func()) {
	timed, ok := t.(interface{ Deadline() (time.Time, bool) })
	if !ok {
		return nil, func() {}
	}
	deadline, ok := timed.Deadline()
	if !ok {
		return nil, func() {}
	}
	left := time.Until(deadline)
	c := make(chan struct{})
	timer := time.AfterFunc(left-min(left/10, expiryMost), func() { close(c) })
	return c, func() { timer.Stop() }
}

// ended reports whether done is closed soon.
func ended(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	case <-time.After(endPatience):
		return false
	}
}

// describe returns rt's dump, and the stacks of all goroutines.
func describe(rt *gv.Runtime) string {
	var b strings.Builder
	rt.Dump(&b) // a strings.Builder takes all
	stacks := make([]byte, 1<<20)
	b.WriteByte('\n')
	b.Write(stacks[:goruntime.Stack(stacks, true)])
	return b.String()
}
