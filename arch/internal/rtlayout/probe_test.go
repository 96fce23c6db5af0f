package rtlayout

import (
	"os"
	goruntime "runtime"
	"slices"
	"strings"
	"testing"
)

func TestProbeEnv(t *testing.T) {
	for _, test := range []struct{ version, toolchain string }{
		{"go1.26.8", "go1.26.8"},
		{"go1.27rc1", "go1.27rc1"},
		{"go1.26.8-X:name", "go1.26.8"},
		{"devel go1.27-0123abcd", "local"},
		{"devel go1.27-0123abcd X:name", "local"},
	} {
		before := []string{"HOME=/home/gopher", "GOROOT=/usr/local/go", "GOTOOLCHAIN=auto", "GOFLAGS=-ldflags=-w"}
		env := probeEnv(before, Target{Version: test.version, GOARCH: "arm64"})
		for _, want := range []string{
			"HOME=/home/gopher", "GOTOOLCHAIN=" + test.toolchain,
			"GOOS=linux", "GOARCH=arm64", "GOFLAGS=-buildvcs=false",
		} {
			key, _, _ := strings.Cut(want, "=")
			// The last of several settings counts.
			last := ""
			for _, kv := range env {
				if strings.HasPrefix(kv, key+"=") {
					last = kv
				}
			}
			if last != want {
				t.Errorf("%s: the environment has %q, want %q", test.version, last, want)
			}
		}
		if slices.ContainsFunc(env, func(kv string) bool { return strings.HasPrefix(kv, "GOROOT=") }) {
			t.Errorf("%s: GOROOT is passed on to another toolchain", test.version)
		}
	}
}

// A probe that another toolchain built would give that toolchain's layout. The
// test itself serves as such a probe.
func TestProbeDWARFOtherToolchain(t *testing.T) {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	_, err = probeDWARF(path, Target{Version: "go1.999.0", GOARCH: goruntime.GOARCH})
	want := "asked for a probe built with go1.999.0, got one built with " + goruntime.Version()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want %q", err, want)
	}
}

// The output of a failed build must reach whoever has to mend it.
func TestProbeBuildFails(t *testing.T) {
	probeData(t) // skips when there is no go command
	_, err := Probe(t.Context(), Target{Version: goruntime.Version(), GOARCH: "pdp11"})
	for _, want := range []string{"building the probe with " + goruntime.Version() + " linux/pdp11", "unsupported GOOS/GOARCH"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
}
