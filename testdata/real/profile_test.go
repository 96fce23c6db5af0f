package real_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/google/pprof/profile"

	gv "github.com/gvthread/gvthread/runtime"
)

// compute does so for some tenths of a second.
func compute(x uint64) uint64 {
	for range 300_000_000 {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

//go:noinline
func reindex() uint64 { return compute(1) + 1 }

//go:noinline
func answer() uint64 { return compute(2) + 1 }

// profiled are the threads of the profile, by name.
var profiled = map[string]struct {
	priority gv.Priority
	fn       func() uint64
}{
	"reindexer": {gv.Low, reindex},
	"answerer":  {gv.Normal, answer},
}

// profileThreads returns a CPU profile of the threads.
func profileThreads(t *testing.T, rt *gv.Runtime) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := pprof.StartCPUProfile(&b); err != nil {
		t.Fatal(err)
	}
	err := rt.Run(func(context.Context) error {
		for name, th := range profiled {
			gv.Go(func(context.Context) error {
				_ = th.fn()
				return nil
			}, gv.WithName(name), gv.WithPriority(th.priority))
		}
		return nil
	})
	pprof.StopCPUProfile()
	if err != nil {
		t.Error(err)
	}
	return b.Bytes()
}

// A CPU profile tells threads apart by name and priority, for programs and for go tool
// pprof.
func TestCPUProfile(t *testing.T) {
	onEngines(t, gv.Config{Workers: 2, ProfileLabels: true}, func(t *testing.T, rt *gv.Runtime) {
		raw := profileThreads(t, rt)
		p, err := profile.ParseData(raw)
		if err != nil {
			t.Fatal(err)
		}
		var all, labelled int64
		for _, s := range p.Sample {
			all += s.Value[0]
			for name, th := range profiled {
				if s.HasLabel("gv.thread", name) && s.HasLabel("gv.priority", th.priority.String()) {
					labelled += s.Value[0]
				}
			}
		}
		t.Logf("%d samples", all)
		if 100*labelled < 95*all || labelled == 0 {
			t.Errorf("%d of %d samples have the labels of the threads\n%v", labelled, all, p)
		}

		file := filepath.Join(t.TempDir(), "cpu.pprof")
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		top := pprofTool(t, "-tagfocus=gv.thread=reindexer", "-top", "-cum", file)
		if !strings.Contains(top, "real_test.reindex\n") || strings.Contains(top, "real_test.answer\n") {
			t.Errorf("go tool pprof -tagfocus=gv.thread=reindexer shows\n%s", top)
		}
		tags := pprofTool(t, "-tags", file)
		for _, want := range []string{"gv.thread:", ": reindexer\n", ": answerer\n", "gv.priority:", ": Low\n", ": Normal\n"} {
			if !strings.Contains(tags, want) {
				t.Errorf("go tool pprof -tags shows no %q\n%s", want, tags)
			}
		}
	})
}

// pprofTool returns what go tool pprof prints.
func pprofTool(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"tool", "pprof"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go tool pprof %v: %v", args, err)
	}
	return string(out)
}
