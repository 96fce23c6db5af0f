package gv_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/trace"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// tracesTaken is how many traces a test of them takes.
const tracesTaken = 8

// An execution trace that is started and stopped beside threads that switch
// without a pause can be read: no switch that it should tell of goes past it.
func TestTracesCanBeRead(t *testing.T) {
	checkTraces(t, func(b *bytes.Buffer) error {
		if err := trace.Start(b); err != nil {
			return err
		}
		time.Sleep(time.Millisecond)
		trace.Stop()
		return nil
	})
}

// So can what a flight recorder has.
func TestFlightRecordsCanBeRead(t *testing.T) {
	checkTraces(t, func(b *bytes.Buffer) error {
		fr := trace.NewFlightRecorder(trace.FlightRecorderConfig{})
		if err := fr.Start(); err != nil {
			return err
		}
		defer fr.Stop()
		time.Sleep(time.Millisecond)
		_, err := fr.WriteTo(b)
		return err
	})
}

// checkTraces takes traces beside busy threads, and then reads each. On the Portable
// engine all switches are Go's own.
func checkTraces(t *testing.T, take func(*bytes.Buffer) error) {
	if testing.Short() {
		t.Skip("reading traces takes its time")
	}
	tool := traceTool(t)
	stop := switchBusily(t, open(t, gv.Config{Engine: gv.Native, Workers: 2}))
	traces := make([]bytes.Buffer, tracesTaken)
	for i := range traces {
		if err := take(&traces[i]); err != nil {
			t.Error(err)
		}
	}
	stop()
	file := filepath.Join(t.TempDir(), "trace")
	bad := 0
	var last error
	for i := range traces {
		if err := os.WriteFile(file, traces[i].Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := readTrace(tool, file); err != nil {
			bad++
			last = err
		}
	}
	if bad > 0 {
		t.Errorf("%d of %d traces can't be read: %v", bad, tracesTaken, last)
	}
}

// switchBusily starts threads that do nothing but switch, in each of the ways,
// until stop is called.
func switchBusily(t *testing.T, rt *gv.Runtime) (stop func()) {
	var over atomic.Bool
	var threads []*gv.Thread
	start := func(fn func() error) {
		threads = append(threads, rt.Go(func(context.Context) error {
			for !over.Load() {
				if err := fn(); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	for range 4 {
		start(func() error { gv.Yield(); return nil })
	}
	for range 2 {
		c := gv.NewChan[int](0)
		start(func() error {
			if err := c.TrySend(1); errors.Is(err, gv.ErrFull) {
				gv.Yield()
			}
			return nil
		})
		start(func() error {
			if _, err := c.TryRecv(); errors.Is(err, gv.ErrEmpty) {
				gv.Yield()
			}
			return nil
		})
		start(func() error { return gv.Sleep(50 * time.Microsecond) })
	}
	return func() {
		over.Store(true)
		if err := waitAll(threads); err != nil {
			t.Error(err)
		}
	}
}

// traceTool returns the program that reads traces: go tool trace.
func traceTool(t *testing.T) string {
	out, err := exec.CommandContext(t.Context(), "go", "tool", "-n", "trace").Output()
	if err != nil {
		t.Skipf("go tool trace can't be had: %v", err)
	}
	return strings.TrimSpace(string(out))
}

// readTrace reads a trace to its end, and returns what the tool finds wrong.
func readTrace(tool, file string) error {
	ctx, cancel := context.WithTimeout(context.Background(), hangAfter/2)
	defer cancel()
	cmd := exec.CommandContext(ctx, tool, "-d=parsed", file)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: %.300s", err, complaint.Bytes())
	}
	return nil
}
