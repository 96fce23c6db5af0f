package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Twice as much text takes about twice as many statements, of all that the instrumenter's
// own packages execute: as the compiler counts them for a coverage profile.
func TestLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the command once more")
	}
	tool := filepath.Join(t.TempDir(), "gvinstrument")
	goRun(t, ".", "build", "-cover", "-covermode=count", "-coverpkg=github.com/gvthread/gvthread/instrument/...,.", "-o", tool, ".")
	for name, text := range map[string]func(n int) string{
		"functions in a file": func(n int) string {
			return repeat(n, "// f%[1]d has a comment.\n//\n// And more of it.\nfunc f%[1]d(g func()) {\n\tfor {\n\t\tg() // g\n\t}\n}\n\n")
		},
		"calls": func(n int) string {
			return repeat(n, "func f%[1]d(n int) { f%[2]d(n) }\n\n") + fmt.Sprintf("func f%d(n int) {}\n", n)
		},
		"loops in a function": func(n int) string {
			return "func f(g func(), s []int, n int) (sum int) {\n" + repeat(n, "\tfor i := 0; i < n; i++ {\n\t\tg()\n\t}\n\tfor _, v := range s {\n\t\tsum += v // %d\n\t}\n") + "\treturn sum\n}\n"
		},
		"loops in a loop": func(n int) string {
			return "func f(s []int, n int) (sum int) {\n\tfor {\n" + repeat(n, "\t\tfor i := 0; i < n; i++ {\n\t\t\tsum += %d\n\t\t}\n\t\tfor _, v := range s {\n\t\t\tsum += v\n\t\t}\n") + "\t}\n}\n"
		},
		"gotos": func(n int) string {
			return "func f(g func() bool) {\n" + repeat(n, "l%[1]d:\n\tif g() {\n\t\tgoto l%[1]d\n\t}\n") + "}\n"
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, vet := range []bool{false, true} {
				few, many := statements(t, tool, vet, text(200)), statements(t, tool, vet, text(400))
				t.Logf("vet %v: %d, %d", vet, few, many)
				if ratio := float64(many) / float64(few); ratio > 2.2 {
					t.Errorf("vet %v: %d statements, and %d for twice the text: %.1f times as many", vet, few, many, ratio)
				}
			}
		})
	}
}

func repeat(n int, format string) string {
	var out strings.Builder
	for i := range n {
		if strings.Contains(format, "%[2]d") {
			fmt.Fprintf(&out, format, i, i+1)
		} else {
			fmt.Fprintf(&out, format, i)
		}
	}
	return out.String()
}

// statements counts what the tool executes to find and write the safepoints of a file.
func statements(t *testing.T, tool string, vet bool, text string) (sum int) {
	t.Helper()
	stub, err := filepath.Abs("../../testdata/modules/stub")
	if err != nil {
		t.Fatal(err)
	}
	dir, counts := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module m\n\ngo 1.23\n\nrequire github.com/gvthread/gvthread v0.0.0\n\nreplace github.com/gvthread/gvthread => " + stub + "\n",
		"m.go":   "package m\n\n" + text,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), tool, "-q", "-d", ".")
	if vet {
		cmd = exec.CommandContext(t.Context(), "go", "vet", "-vettool="+tool, ".")
	}
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOCOVERDIR="+counts, "GOFLAGS=-mod=mod")
	if out, err := cmd.CombinedOutput(); err != nil && !vet { // vet has something to report
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	profile := filepath.Join(counts, "profile")
	goRun(t, dir, "tool", "covdata", "textfmt", "-i="+counts, "-o="+profile)
	f, err := os.Open(profile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 3 {
			continue // the mode
		}
		n, err := strconv.Atoi(fields[2])
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	return sum
}

func goRun(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
}
