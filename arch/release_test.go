package arch

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// What is built for a Go release, or a platform, without a table has no native
// engine, and compiles: the release tags are those of an older Go, so that the
// files of the table drop out.
func TestUnknownReleaseBuilds(t *testing.T) {
	for _, target := range []struct{ goos, goarch string }{
		{"darwin", "arm64"}, {"windows", "amd64"}, {"linux", "riscv64"}, {"linux", "386"},
	} {
		t.Run(target.goos+"/"+target.goarch, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.GoFiles}} {{.SFiles}}", ".")
			cmd.Env = append(cmd.Environ(), "GOOS="+target.goos, "GOARCH="+target.goarch, "CGO_ENABLED=0")
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Skipf("no go command: %v\n%s", err, out)
			}
			files := string(out)
			for _, native := range []string{"probe_native.go", "fiber_native.go", "layout_go1", "switch_"} {
				if strings.Contains(files, native) {
					t.Errorf("%s is built", native)
				}
			}
			for _, other := range []string{"probe_other.go", "fiber_other.go"} {
				if !strings.Contains(files, other) {
					t.Errorf("%s is not built", other)
				}
			}
		})
	}
}

// Native gives the same answer each time, and one that names the platform where
// it is no.
func TestNativeAnswer(t *testing.T) {
	err := Native()
	if again := Native(); again != err {
		t.Errorf("%v, and then %v", err, again)
	}
	if err == nil {
		return
	}
	if ForcedPreemption() == nil {
		t.Error("forced preemption without the native engine")
	}
	if !strings.HasPrefix(err.Error(), "arch: ") || !strings.Contains(err.Error(), runtime.Version()) {
		t.Errorf("the reason is %q", err)
	}
}
