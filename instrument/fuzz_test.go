package instrument_test

import (
	"bytes"
	"context"
	"fmt"
	"go/format"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gvthread/gvthread/instrument"
)

// FuzzBehaviour generates packages from seeds, and runs each before and after: they
// must print the same. Run it as go test -fuzz=Behaviour ./instrument.
func FuzzBehaviour(f *testing.F) {
	for seed := range uint64(2) {
		f.Add(seed, byte(seed))
	}
	// One variant an input: a build takes seconds where others are at work, too, and Go
	// ends the process after ten.
	f.Fuzz(func(t *testing.T, seed uint64, i byte) {
		v := int(i) % len(variants)
		checkBehaviour(t, seed, 12, variants[v:v+1])
	})
}

// A variant is a way to instrument.
type variant struct {
	policy   string
	sameLine bool
}

var variants = []variant{
	{"default", false}, {"default", true}, {"strict", false}, {"strict", true}, {"full", false}, {"full", true},
}

// TestBehaviour does the same with fixed seeds, many functions to a program.
func TestBehaviour(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { checkBehaviour(t, seed, 60, variants) })
	}
}

// checkBehaviour has one program print what a generated package does and what the variants of
// it do: to link a program takes longest.
func checkBehaviour(t *testing.T, seed uint64, functions int, variants []variant) {
	dir := t.TempDir()
	src := generate(seed, functions)
	if seed%2 == 0 { // the others are rewritten as text
		formatted, err := format.Source([]byte(src))
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, src)
		}
		src = string(formatted)
	}
	writeFile(t, filepath.Join(dir, "go.mod"), stubModule(t))
	before := writePackage(t, dir, "before", src)
	packages := []string{"before"}
	var files []instrument.File
	for i, v := range variants {
		res, err := instrument.Instrument(instrument.Options{
			Dir: dir, Patterns: []string{"./before"}, SameLine: v.sameLine,
			Policy: instrument.Policy{Name: v.policy, Recursion: true},
		})
		if err != nil {
			t.Fatalf("seed %d, %+v: %v\n%s", seed, v, err, src)
		}
		if len(res.Files) != 1 {
			t.Fatalf("seed %d, %+v: %d files changed", seed, v, len(res.Files))
		}
		file := res.Files[0]
		name := fmt.Sprintf("after%d", i)
		writePackage(t, dir, name, string(file.New))
		packages, files = append(packages, name), append(files, file)
		if !v.sameLine {
			writeFile(t, before, string(file.New))
			checkAgain(t, dir, v.policy, file)
			writeFile(t, before, src)
		}
	}
	out := runPackages(t, dir, packages)
	for i, v := range variants {
		if got, want := out[i+1], out[0]; got != want {
			t.Errorf("seed %d, %+v: the output differs\n%s\nbefore:\n%s\nafter:\n%s", seed, v, files[i].New, want, got)
		}
	}
}

// writePackage writes a package of one file, whose name it returns.
func writePackage(t *testing.T, dir, name, src string) string {
	t.Helper()
	must(t, os.Mkdir(filepath.Join(dir, name), 0o777))
	file := filepath.Join(dir, name, "program.go")
	writeFile(t, file, src)
	return file
}

// checkAgain checks that a second run changes nothing, and that the removal is exact.
func checkAgain(t *testing.T, dir, policy string, f instrument.File) {
	again, err := instrument.Instrument(instrument.Options{Dir: dir, Patterns: []string{"./before"}, Policy: instrument.Policy{Name: policy, Recursion: true}})
	if err != nil {
		t.Fatal(err)
	}
	if len(again.Files) > 0 {
		t.Errorf("policy %s: a second run changes the file again:\n%s", policy, again.Files[0].New)
	}
	back, err := instrument.Remove(f.New)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(back, f.Old) {
		t.Errorf("policy %s: the removal is not exact:\n%s\nbefore:\n%s", policy, back, f.Old)
	}
}

// runPackages returns what Main of each of the packages prints.
func runPackages(t *testing.T, dir string, packages []string) []string {
	const separator = "----\n"
	var imports, calls strings.Builder
	for i, name := range packages {
		fmt.Fprintf(&imports, "\tp%d \"m/%s\"\n", i, name)
		fmt.Fprintf(&calls, "\tp%d.Main()\n\tfmt.Print(%q)\n", i, separator)
	}
	writeFile(t, filepath.Join(dir, "main.go"), fmt.Sprintf("package main\n\nimport (\n\t\"fmt\"\n%s)\n\nfunc main() {\n%s}\n", imports.String(), calls.String()))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "run", ".")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go run: %v\n%s", err, out)
	}
	return strings.Split(string(out), separator) // and nothing after the last
}

// A generator writes a program whose loops all end.
type generator struct {
	*rand.Rand
	out    strings.Builder
	names  int
	labels []string // of the loops around
	vars   []string // ints that may be read
	depth  int
}

// generate returns a package whose Main prints what its functions return.
func generate(seed uint64, functions int) string {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1))}
	g.out.WriteString("package program\n\nimport \"fmt\"\n\nvar fuel = 2000\n\nfunc step(x int) int { fuel--; return x*31 + fuel }\n\n" +
		"func seq(n int) func(func(int) bool) {\n\treturn func(yield func(int) bool) {\n\t\tfor i := range n {\n\t\t\tif !yield(i) {\n\t\t\t\treturn\n\t\t\t}\n\t\t}\n\t}\n}\n\n" +
		"func sum(n int) int {\n\tfor _, v := range make([]int, n&7) {\n\t\tn += v + 1\n\t}\n\treturn n\n}\n\n" +
		"func rec(n int) int {\n\tif n <= 0 {\n\t\treturn 1\n\t}\n\treturn rec(n-1) + n\n}\n")
	for i := range functions {
		g.vars, g.labels, g.depth = []string{"a", "b"}, nil, 0
		fmt.Fprintf(&g.out, "\nfunc f%d(a, b int) (r int) {\n", i)
		g.line("var fs []func() int")
		g.line("_ = fs")
		g.block(3)
		g.line("for _, f := range fs {")
		g.line("\tr += f()")
		g.line("}")
		g.line("return r")
		g.out.WriteString("}\n")
	}
	g.out.WriteString("\nfunc Main() {\n")
	for i := range functions {
		fmt.Fprintf(&g.out, "\tfuel = 2000\n\tfmt.Println(%d, f%d(%d, %d), fuel)\n", i, i, g.IntN(9), g.IntN(9))
	}
	g.out.WriteString("}\n")
	return g.out.String()
}

func (g *generator) line(format string, args ...any) {
	g.out.WriteString(strings.Repeat("\t", g.depth+1))
	fmt.Fprintf(&g.out, format, args...)
	g.out.WriteByte('\n')
}

func (g *generator) name(prefix string) string {
	g.names++
	return fmt.Sprintf("%s%d", prefix, g.names)
}

func (g *generator) value() string { return g.vars[g.IntN(len(g.vars))] }

// block writes some statements, loops to the given depth.
func (g *generator) block(loops int) {
	vars := len(g.vars)
	for range 1 + g.IntN(3) {
		switch k := g.IntN(10); {
		case k < 5 && loops > 0:
			g.loop(loops - 1)
		case k == 5:
			v := g.name("v")
			g.line("%s := step(%s)", v, g.value())
			g.line("_ = %s", v)
			g.vars = append(g.vars, v)
		case k == 6:
			g.line("fs = append(fs, func() int { return %s + r })", g.value())
		case k == 7:
			g.line("defer func() { r += %s & 7 }()", g.value())
		default:
			g.line("r = step(r + %s)", g.value())
		}
	}
	g.vars = g.vars[:vars]
}

// loop writes a loop of any kind. Its rounds burn fuel, so it ends.
func (g *generator) loop(loops int) {
	i, label := g.name("i"), g.name("l")
	labelled := g.IntN(2) == 0
	heads := []string{
		"for %[1]s := 0; %[1]s < %[2]d; %[1]s++ {",
		"for %[1]s := %[2]d; %[1]s > 0; %[1]s-- {",
		"for %[1]s := range %[2]d {",
		"for %[1]s := range seq(%[2]d) {",
		"for _, %[1]s := range []int{1, 2, %[2]d} {",
		"for %[1]s := range map[int]int{%[2]d: 1} {",
		"for _, %[1]s := range [3]int{1, %[2]d} {",
		"for %[1]s := range \"some text\" {",
		"for %[1]s := 1; %[1]s < 1<<%[2]d; %[1]s <<= 1 {",
		"for %[1]s := uint8(0); %[1]s < %[2]d; %[1]s += 3 {",
	}
	switch k := g.IntN(len(heads) + 5); {
	case k >= len(heads)+2:
		g.dataLoop()
		return
	case k == len(heads):
		g.gotoLoop(loops, i, label)
		return
	case k == len(heads)+1:
		g.line("%s := 0", i)
		if labelled {
			g.out.WriteString(label + ":\n")
		}
		g.line("for {")
		g.depth++
		g.line("if %s++; %s > %d {", i, i, 1+g.IntN(5))
		g.line("\tbreak")
		g.line("}")
	default:
		if labelled {
			g.out.WriteString(strings.Repeat("\t", g.depth) + label + ":\n")
		}
		g.line(heads[k], i, 1+g.IntN(6))
		g.depth++
		g.line("r += int(%s)", i)
	}
	g.line("if fuel < 0 {")
	g.line("\tbreak")
	g.line("}")
	if labelled {
		g.labels = append(g.labels, label)
	}
	g.line("fs = append(fs, func() int { return int(%s) })", i)
	g.escape(labelled)
	g.block(loops)
	if labelled {
		g.labels = g.labels[:len(g.labels)-1]
	}
	g.depth--
	g.line("}")
}

// escape writes a conditional way out of the loop, or into the next round.
func (g *generator) escape(labelled bool) {
	ways := []string{"continue", "break", "return r"}
	for _, l := range g.labels {
		ways = append(ways, "continue "+l, "break "+l)
	}
	if labelled {
		// A label must be used.
		g.line("if step(r)%%5 == 0 {")
		g.line("\tcontinue %s", g.labels[len(g.labels)-1])
		g.line("}")
	}
	g.line("switch step(%s) %% 7 {", g.value())
	g.line("case 1:")
	g.line("\tr += rec(3)")
	g.line("\t%s", ways[g.IntN(len(ways))])
	g.line("case 2:")
	g.line("\tr++")
	g.line("\tfallthrough")
	g.line("default:")
	g.line("\tr--")
	g.line("}")
}

// dataLoop writes a loop over data of the kinds that the default policy looks at in
// particular: scanners with rare calls, strides, merges, searches. Those that may not
// end for some values burn fuel.
func (g *generator) dataLoop() {
	s, i, j := g.name("s"), g.name("i"), g.name("j")
	g.line("%s := []int{1, 2, 2, 3, 5, 8, %s & 15, %d}", s, g.value(), g.IntN(9))
	g.line("_ = %s", s)
	loops := []string{
		// A scanner that calls on some ways: in an if, an else, and the cases of a switch.
		"for %[2]s := 0; %[2]s < len(%[1]s); %[2]s++ {\n if %[1]s[%[2]s] == %[4]d { r = step(r) + sum(2) } else { r++ }\n}",
		"for _, %[2]s := range %[1]s {\n switch %[2]s {\n case 1, %[4]d + 7: r = sum(r); if r%%3 == 0 { continue }; r--\n case 2: r++; fallthrough\n case 3: r += sum(%[4]d)\n default: r++\n }\n}",
		"for %[2]s := range %[1]s {\n if %[2]s > %[4]d {\n for range %[1]s { r++ }\n } else if %[2]s == 1 { continue }\n r += %[2]s\n}",
		"for %[2]s := 0; %[2]s < len(%[1]s); {\n if %[1]s[%[2]s] > 4 { fs = append(fs, func() int { return step(%[2]s) }); r += sum(1); %[2]s += 2; continue }\n %[2]s++\n r ^= %[2]s\n}",
		// Strides, with steps that may be zero.
		"for %[2]s, %[3]s := 0, 0; %[2]s < %[4]d; %[2]s++ {\n r += %[1]s[%[3]s%%len(%[1]s)]\n %[3]s += %[5]s & 3\n}",
		"for %[2]s, %[3]s := 0, 0; %[2]s < 3; %[2]s++ {\n r += %[1]s[%[3]s]\n %[3]s += b & 1\n}",
		"for %[2]s := 0; %[2]s < %[4]d*(b&1); %[2]s += b & 1 {\n r += %[1]s[%[2]s]\n}",
		"for %[2]s := 0; %[2]s < %[4]d && fuel > 0; %[2]s += b & 1 {\n fuel--\n r += %[1]s[%[2]s]\n}",
		"if %[3]s := a & 3; %[3]s != 0 {\n for %[2]s := 0; %[2]s < len(%[1]s); %[2]s += %[3]s {\n r += %[1]s[%[2]s]\n }\n}",
		// Several indices.
		"for %[2]s, %[3]s := 0, 0; %[2]s < len(%[1]s) && %[3]s < len(%[1]s); {\n if %[1]s[%[2]s] < %[1]s[%[3]s] { %[2]s++ } else { %[3]s++ }\n r++\n}",
		"for %[2]s := 0; %[2]s < len(%[1]s); {\n for %[2]s < len(%[1]s) && %[1]s[%[2]s] < 3 { %[2]s++ }\n for %[2]s < len(%[1]s) && %[1]s[%[2]s] >= 3 { %[2]s++; r++ }\n}",
		"for %[3]s := %[1]s; len(%[1]s) > 0 && len(%[3]s) > 1; {\n if r&1 == 0 { %[1]s = %[1]s[1:] } else { %[3]s = %[3]s[2:] }\n r = r>>1 + %[4]d\n}",
		// Searches.
		"for %[2]s, %[3]s := 0, len(%[1]s)-1; %[2]s <= %[3]s; {\n m := (%[2]s + %[3]s) / 2\n if %[1]s[m] < %[4]d { %[2]s = m + 1 } else { %[3]s = m - 1 }\n r += m\n}",
		"for %[2]s, %[3]s := 0, len(%[1]s); %[2]s < %[3]s; {\n m := int(uint(%[2]s+%[3]s) >> 1)\n if %[1]s[m] < %[4]d { %[2]s = m + 1 } else { %[3]s = m }\n r = step(r + m)\n}",
		"for %[2]s := 0; %[2]s < 3; %[2]s++ { r = step(r) }",
		"for %[2]s := len(%[1]s); %[2]s >= 2; { %[2]s -= 2; r++ }",
	}
	text := fmt.Sprintf(loops[g.IntN(len(loops))], s, i, j, 1+g.IntN(6), g.value())
	for l := range strings.Lines(text) {
		g.line("%s", strings.TrimSuffix(l, "\n"))
	}
}

func (g *generator) gotoLoop(loops int, i, label string) {
	g.line("%s := 0", i)
	g.out.WriteString(strings.Repeat("\t", g.depth) + label + ":\n")
	g.line("%s++", i)
	g.line("{")
	g.depth++
	labels := g.labels
	g.labels = nil
	g.block(min(loops, 1))
	g.labels = labels
	g.depth--
	g.line("}")
	g.line("if %s < %d && fuel > 0 {", i, 1+g.IntN(4))
	g.line("\tgoto %s", label)
	g.line("}")
}
