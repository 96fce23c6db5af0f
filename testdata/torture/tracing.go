package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	goruntime "runtime"
	"runtime/trace"
	"strings"
	"sync"
	"time"
)

// The upsets here take execution traces. Some of them are read when the round is
// over, by the program that knows what a trace may say in which order.

// executionTrace takes a trace, and looks whether it is one.
func executionTrace(w *world, r *rand.Rand) {
	var b bytes.Buffer
	w.traces.taking.RLock()
	if err := trace.Start(&b); err != nil {
		w.traces.taking.RUnlock()
		w.r.violation("trace: %v", err)
		return
	}
	w.pause(r, 10*time.Millisecond)
	trace.Stop()
	w.traces.taking.RUnlock()
	w.traces.add(w, r, b.Bytes())
	w.pause(r, 10*time.Millisecond)
}

// flightRecorder takes a trace all the while, and looks at it at the end.
func flightRecorder(w *world, r *rand.Rand) {
	fr := trace.NewFlightRecorder(trace.FlightRecorderConfig{})
	w.traces.taking.RLock()
	if err := fr.Start(); err != nil {
		w.traces.taking.RUnlock()
		w.r.violation("flight recorder: %v", err)
		return
	}
	w.pause(r, 50*time.Millisecond)
	var b bytes.Buffer
	if _, err := fr.WriteTo(&b); err != nil {
		w.r.violation("flight recorder: %v", err)
	}
	fr.Stop()
	w.traces.taking.RUnlock()
	w.traces.add(w, r, b.Bytes())
	w.pause(r, 50*time.Millisecond)
}

// traces are those of a round that will be read.
type traces struct {
	taking sync.RWMutex // for reading while one is taken
	lock   sync.Mutex
	kept   [][]byte
	seen   int
}

// without calls f, which prints the stacks of all goroutines, while no trace is
// taken: Go 1.26 may crash there, without any thread of ours. The world is stopped,
// but goroutines still leave their system calls. In exitsyscallNoP they are runnable,
// have their M yet, and its g0 writes the trace's event, for which it reads the
// clock; traceback1 finds m.vdsoSP set, walks that g0's stack, which changes meanwhile,
// and where it no longer understands it, (*unwinder).next looks into gp.m, which
// dropg has made nil by then. Without a trace the clock is only read by casgstatus, for
// one call in eight: the walk goes astray there, too, but hardly ever so far.
func (ts *traces) without(f func()) {
	ts.taking.Lock()
	defer ts.taking.Unlock()
	f()
}

// maxTrace is how long a trace may be that is read, which takes seconds a
// megabyte.
const maxTrace = 1 << 20

// add keeps the trace, or not: each of a round has the same chance.
func (ts *traces) add(w *world, r *rand.Rand, data []byte) {
	if !bytes.HasPrefix(data, []byte("go 1.")) {
		w.r.violation("a trace of %d bytes that is none", len(data))
	}
	if len(data) > maxTrace {
		return
	}
	ts.lock.Lock()
	defer ts.lock.Unlock()
	ts.seen++
	if len(ts.kept) < w.r.o.traces {
		ts.kept = append(ts.kept, data)
	} else if i := r.IntN(ts.seen); i < len(ts.kept) {
		ts.kept[i] = data
	}
}

// read reads those that were kept. One that can't be read is left for whoever
// wants to know why.
func (ts *traces) read(w *world) {
	for _, data := range ts.kept {
		file, err := keep(data)
		if err == nil {
			err = w.r.o.traceTool.read(file)
		}
		w.r.steps.Add(1)
		if err != nil {
			w.r.violation("trace %s can't be read: %v", file, err)
			continue
		}
		os.Remove(file)
	}
}

// keep writes a trace to a file.
func keep(data []byte) (name string, err error) {
	f, err := os.CreateTemp("", "torture-*.trace")
	if err != nil {
		return "", err
	}
	if _, err := f.Write(data); err != nil {
		return f.Name(), err
	}
	return f.Name(), f.Close()
}

// A traceTool is the program that reads traces: go tool trace.
type traceTool string

// findTraceTool finds that of the Go release that runs, which may not know the
// traces of another one.
func findTraceTool() (traceTool, error) {
	cmd := exec.Command("go", "tool", "-n", "trace")
	release, _, _ := strings.Cut(goruntime.Version(), " ")
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN="+release)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	path, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go tool trace can't be had: %w %s", err, &complaint)
	}
	return traceTool(bytes.TrimSpace(path)), nil
}

// read reads a trace to its end, and returns what is wrong with it.
func (t traceTool) read(file string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, string(t), "-d=parsed", file)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: %.300s", err, &complaint)
	}
	return nil
}
