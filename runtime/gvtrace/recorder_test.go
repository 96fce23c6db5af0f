package gvtrace_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvtrace"
	"github.com/gvthread/gvthread/runtime/internal/enginetest"
)

// checkError checks that err has a text in it.
func checkError(t *testing.T, what string, err error, text string) {
	t.Helper()
	if err == nil || !strings.HasPrefix(err.Error(), "gvtrace: ") || !strings.Contains(err.Error(), text) {
		t.Errorf("%s: error %v, want one with %q", what, err, text)
	}
}

func TestRecorderIsStartedOnce(t *testing.T) {
	rt := enginetest.Open(t, gv.Config{})
	r := gvtrace.NewFlightRecorder(rt, gvtrace.Config{})
	_, err := r.WriteTo(io.Discard)
	checkError(t, "WriteTo before Start", err, "has not been started")
	r.Stop()
	for range 2 {
		if r.Enabled() {
			t.Error("it is enabled, and has not been started")
		}
		if err := r.Start(); err != nil {
			t.Fatal(err)
		}
		if !r.Enabled() {
			t.Error("it has been started, and is not enabled")
		}
		checkError(t, "the second Start", r.Start(), "started already")
		snapshot(t, r)
		r.Stop()
		r.Stop()
	}
	_, err = r.WriteTo(io.Discard)
	checkError(t, "WriteTo after Stop", err, "has not been started")
}

func TestRecorderConfig(t *testing.T) {
	rt := enginetest.Open(t, gv.Config{})
	checkError(t, "a negative age", gvtrace.NewFlightRecorder(rt, gvtrace.Config{MinAge: -1}).Start(), "MinAge is -1ns")
	checkError(t, "too much memory", gvtrace.NewFlightRecorder(rt, gvtrace.Config{MaxBytes: 1 << 40}).Start(), "MaxBytes is 1099511627776")
}

// A runtime that is closed can't be recorded, and what was recorded before can be written.
func TestRecorderOfClosedRuntime(t *testing.T) {
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		r := start(t, rt, gvtrace.Config{MinAge: long})
		if err := rt.Go(func(context.Context) error { return nil }, gv.WithName("last")).Wait(); err != nil {
			t.Fatal(err)
		}
		if err := rt.Close(); err != nil {
			t.Fatal(err)
		}
		if n := len(snapshot(t, r).named("last")); n != 1 {
			t.Errorf("the thread has %d slices, want 1", n)
		}
		r.Stop()
		err := r.Start()
		checkError(t, "Start", err, "runtime closed")
		if !errors.Is(err, gv.ErrRuntimeClosed) {
			t.Errorf("error %v doesn't wrap ErrRuntimeClosed", err)
		}
		err = gvtrace.Record(t.Context(), rt, io.Discard, time.Millisecond)
		if !errors.Is(err, gv.ErrRuntimeClosed) {
			t.Errorf("Record: error %v doesn't wrap ErrRuntimeClosed", err)
		}
	})
}

// A slowWriter reports on began that it is written to, and goes on when it gets something
// from goOn.
type slowWriter struct{ began, goOn chan struct{} }

func (w slowWriter) Write(p []byte) (int, error) {
	w.began <- struct{}{}
	<-w.goOn
	return len(p), nil
}

// While one writes, another can't, and Stop waits.
func TestWriteToIsOneAtATime(t *testing.T) {
	rt := enginetest.Open(t, gv.Config{})
	r := start(t, rt, gvtrace.Config{})
	w := slowWriter{make(chan struct{}), make(chan struct{})}
	written, stopped := make(chan error), make(chan struct{})
	go func() {
		_, err := r.WriteTo(w)
		written <- err
	}()
	<-w.began
	_, err := r.WriteTo(io.Discard)
	checkError(t, "the second WriteTo", err, "under way")
	go func() {
		r.Stop()
		close(stopped)
	}()
	until(func() bool { return !r.Enabled() })
	_, err = r.WriteTo(io.Discard)
	checkError(t, "WriteTo after Stop", err, "has not been started")
	select {
	case <-stopped:
		t.Error("Stop has returned, and WriteTo has not")
	default:
	}
	close(w.goOn)
	if err := <-written; err != nil {
		t.Error(err)
	}
	<-stopped
}

// A fullWriter takes some bytes, and no more.
type fullWriter struct{ room int }

var errFull = errors.New("full")

func (w *fullWriter) Write(p []byte) (n int, err error) {
	n = min(len(p), w.room)
	if w.room -= n; n < len(p) {
		err = errFull
	}
	return n, err
}

// The error of a writer is WriteTo's, which says how much it has written.
func TestWriteToFails(t *testing.T) {
	r := start(t, enginetest.Open(t, gv.Config{}), gvtrace.Config{})
	if n, err := r.WriteTo(&fullWriter{10}); n != 10 || !errors.Is(err, errFull) {
		t.Errorf("WriteTo: %d, %v; want 10, %v", n, err, errFull)
	}
	if err := gvtrace.Record(t.Context(), nil, &fullWriter{}, time.Millisecond); !errors.Is(err, errFull) {
		t.Errorf("Record: %v, want %v", err, errFull)
	}
}

// Names are text, whatever is in them.
func TestNames(t *testing.T) {
	rt := enginetest.Open(t, gv.Config{Workers: 1})
	r := start(t, rt, gvtrace.Config{MinAge: long})
	names := []string{`<img src=x onerror=alert(1)>`, `"},{"`, "a\nb\x00", "bad \xff", "ünï"}
	for _, name := range names {
		if err := rt.Go(func(context.Context) error { return nil }, gv.WithName(name)).Wait(); err != nil {
			t.Fatal(err)
		}
	}
	tl := snapshot(t, r)
	for _, name := range names {
		if n := len(tl.named(strings.ToValidUTF8(name, "�"))); n != 1 {
			t.Errorf("%d slices are called %q, want 1", n, name)
		}
	}
}

func TestRecord(t *testing.T) {
	enginetest.Each(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		defer tick(rt).Cancel(nil)
		untilTicks(t, func(d time.Duration) []byte {
			// In a thread it holds no worker while it waits: else the other one would not run.
			var file bytes.Buffer
			err := rt.Go(func(ctx context.Context) error { return gvtrace.Record(ctx, nil, &file, d) }).Wait()
			if err != nil {
				t.Fatal(err)
			}
			return file.Bytes()
		})
	})
}

// In a bubble of testing/synctest it waits by the bubble's clock, and records by the
// machine's.
func TestRecordInBubble(t *testing.T) {
	enginetest.Each(t, gv.Config{}, func(t *testing.T, rt *gv.Runtime) {
		synctest.Test(t, func(t *testing.T) {
			var file bytes.Buffer
			if err := gvtrace.Record(t.Context(), rt, &file, long); err != nil {
				t.Fatal(err)
			}
			if tl := read(t, file.Bytes()); tl.end >= int64(long) {
				t.Errorf("the file is of %v", time.Duration(tl.end))
			}
		})
	})
}

// Record ends with its context, and then writes nothing.
func TestRecordIsCancelled(t *testing.T) {
	rt := enginetest.Open(t, gv.Config{})
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	var file bytes.Buffer
	if err := gvtrace.Record(ctx, rt, &file, long); err != why || file.Len() > 0 {
		t.Errorf("Record returned %v, and wrote %d bytes", err, file.Len())
	}
	checkError(t, "no time", gvtrace.Record(t.Context(), rt, &file, 0), "record for 0s")
}
