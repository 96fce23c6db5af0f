package gvtest

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"
)

// A recorder is the testing.TB of one schedule. What it doesn't do itself is the outer one's.
// Threads and goroutines may use it.
type recorder struct {
	testing.TB
	ctx    context.Context
	cancel context.CancelFunc
	// breakOff ends all threads of the schedule.
	breakOff func()

	mu              sync.Mutex
	log             strings.Builder
	failed, skipped bool
	cleanups        []func()
	helpers         map[string]bool // functions that Helper was called in
}

func newRecorder(outer testing.TB) *recorder {
	r := &recorder{TB: outer, helpers: map[string]bool{}}
	r.ctx, r.cancel = context.WithCancel(outer.Context())
	return r
}

// note adds text to the log, which is shown if the schedule fails.
func (r *recorder) note(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log.WriteString("    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n        ") + "\n")
}

// Output returns a writer to the log.
func (r *recorder) Output() io.Writer { return output{r} }

type output struct{ r *recorder }

func (o output) Write(text []byte) (int, error) {
	o.r.note(string(text))
	return len(text), nil
}

// noteHere is note with the place of the caller of the method that calls it.
func (r *recorder) noteHere(text string) { r.note(r.place() + text) }

// place says where the method that calls the caller was called, helpers left out.
func (r *recorder) place() string {
	var pcs [callDepth]uintptr
	frames := goruntime.CallersFrames(pcs[:goruntime.Callers(4, pcs[:])])
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		f, more := frames.Next()
		if !r.helpers[f.Function] || !more {
			return fmt.Sprintf("%s:%d: ", filepath.Base(f.File), f.Line)
		}
	}
}

// stop ends the schedule, and the calling thread or goroutine.
func (r *recorder) stop() {
	r.breakOff()
	goruntime.Goexit()
}

func (r *recorder) Helper() {
	var pcs [1]uintptr
	goruntime.Callers(2, pcs[:])
	r.mu.Lock()
	defer r.mu.Unlock()
	r.helpers[frameOf(pcs[0]).Function] = true
}

func (r *recorder) Log(args ...any)                 { r.noteHere(fmt.Sprintln(args...)) }
func (r *recorder) Logf(format string, args ...any) { r.noteHere(fmt.Sprintf(format, args...)) }

func (r *recorder) Error(args ...any) {
	r.noteHere(fmt.Sprintln(args...))
	r.Fail()
}

func (r *recorder) Errorf(format string, args ...any) {
	r.noteHere(fmt.Sprintf(format, args...))
	r.Fail()
}

func (r *recorder) Fatal(args ...any) {
	r.noteHere(fmt.Sprintln(args...))
	r.FailNow()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.noteHere(fmt.Sprintf(format, args...))
	r.FailNow()
}

func (r *recorder) Fail() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = true
}

func (r *recorder) FailNow() {
	r.Fail()
	r.stop()
}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func (r *recorder) Skip(args ...any) {
	r.noteHere(fmt.Sprintln(args...))
	r.SkipNow()
}

func (r *recorder) Skipf(format string, args ...any) {
	r.noteHere(fmt.Sprintf(format, args...))
	r.SkipNow()
}

func (r *recorder) SkipNow() {
	r.mu.Lock()
	r.skipped = true
	r.mu.Unlock()
	r.stop()
}

func (r *recorder) Skipped() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.skipped
}

// text returns the log.
func (r *recorder) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.String()
}

func (r *recorder) Context() context.Context { return r.ctx }

func (r *recorder) Cleanup(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanups = append(r.cleanups, f)
}

// cleanUp calls what Cleanup was given, the last first, each in a goroutine that it may end.
func (r *recorder) cleanUp() {
	r.cancel()
	for {
		r.mu.Lock()
		n := len(r.cleanups)
		if n == 0 {
			r.mu.Unlock()
			return
		}
		f := r.cleanups[n-1]
		r.cleanups = r.cleanups[:n-1]
		r.mu.Unlock()
		done := make(chan struct{})
		go func() {
			defer close(done)
			f()
		}()
		<-done
	}
}
