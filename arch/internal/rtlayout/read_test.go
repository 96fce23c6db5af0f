package rtlayout

import (
	"context"
	"debug/dwarf"
	"errors"
	"os/exec"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// probeTarget is the toolchain that runs the tests. The probe is only read,
// so it is for linux/amd64 wherever they run.
var probeTarget = Target{Version: goruntime.Version(), GOARCH: "amd64"}

var buildProbe = sync.OnceValues(func() (*dwarf.Data, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	return Probe(ctx, probeTarget)
})

// probeData returns the DWARF of a probe that the tests share.
func probeData(t *testing.T) *dwarf.Data {
	t.Helper()
	data, err := buildProbe()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skipf("no go command to build the probe with: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestReadNotFound(t *testing.T) {
	data := probeData(t)
	in := " in " + probeTarget.String() + ": compare src/runtime/runtime2.go of that release"
	for _, test := range []struct {
		name string
		item Item
		want string
	}{
		{
			"field", Item{Const: "gColour", Type: "runtime.g", Path: "colour", Size: 8},
			"field colour of runtime.g not found" + in,
		},
		{
			"nested field", Item{Const: "gSchedColour", Type: "runtime.g", Path: "sched.colour", Size: 8},
			"field sched.colour of runtime.g not found" + in,
		},
		{
			"field of a number", Item{Const: "gGoidHi", Type: "runtime.g", Path: "goid.hi", Size: 4},
			"field goid.hi of runtime.g not found" + in,
		},
		{
			"type", Item{Const: "fiberStack", Type: "runtime.fiber", Path: "stack", Size: 8},
			"field stack of runtime.fiber not found" + in,
		},
		{
			"constant", Item{Const: "statusDreaming", Path: "runtime._Gdreaming"},
			"constant runtime._Gdreaming not found" + in,
		},
		{
			"width", Item{Const: "gGoid", Type: "runtime.g", Path: "goid", Size: 4},
			"field goid of runtime.g has 8 bytes where 4 were expected" + in,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			// A second missing item must be reported beside the first.
			other := Item{Const: "mColour", Type: "runtime.m", Path: "colour", Size: 8}
			values, err := Read(data, probeTarget, []Item{test.item, other})
			if err == nil {
				t.Fatalf("Read returned %v and no error", values)
			}
			for _, want := range []string{test.want, "review what uses " + test.item.Const, "field colour of runtime.m not found"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q lacks %q", err, want)
				}
			}
		})
	}
}

// A field that only another architecture needs may be absent, but where it is
// it must have the right width.
func TestReadOtherArchitecture(t *testing.T) {
	data := probeData(t)
	items := []Item{
		{Const: "gM", Type: "runtime.g", Path: "m", Size: 8},
		{Const: "gLink", Type: "runtime.g", Path: "sched.link", Size: 8, Arch: "arm64"},
	}
	values, err := Read(data, probeTarget, items)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := values["gLink"]; ok || len(values) != 1 {
		t.Errorf("Read returned %v, want gM alone", values)
	}

	items[1].Arch = probeTarget.GOARCH
	if values, err := Read(data, probeTarget, items); err == nil {
		t.Errorf("Read returned %v without a field that %s needs", values, probeTarget.GOARCH)
	}

	items[1] = Item{Const: "gSchedLR", Type: "runtime.g", Path: "sched.lr", Size: 4, Arch: "arm64"}
	if values, err := Read(data, probeTarget, items); err == nil {
		t.Errorf("Read returned %v for a field of the wrong width", values)
	}
}
