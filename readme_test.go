package gvthread_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The quick start in README.md is the example, which has a test.
func TestReadmeShowsQuickstart(t *testing.T) {
	example, err := os.ReadFile("examples/basic/main.go")
	if err != nil {
		t.Fatal(err)
	}
	_, code, ok := strings.Cut(string(example), "\npackage main\n")
	if !ok {
		t.Fatal("examples/basic/main.go has no package clause")
	}
	if !strings.Contains(readme(t), "```go\npackage main\n"+code+"```\n") {
		t.Error("the quick start in README.md is not examples/basic/main.go: copy it from there")
	}
}

// README.md lists all examples, and among them are the six programs of gvthread for Rust.
func TestReadmeListsExamples(t *testing.T) {
	mains, err := filepath.Glob("examples/*/main.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, main := range mains {
		names = append(names, filepath.Base(filepath.Dir(main)))
	}
	_, table, _ := strings.Cut(readme(t), "\n## Examples\n")
	table, _, _ = strings.Cut(table, "\n## ")
	var listed []string
	for _, row := range regexp.MustCompile(`(?m)^\| \[(\w+)\]\((examples/\w+)/[\w.]+\) \|`).FindAllStringSubmatch(table, -1) {
		if row[2] != "examples/"+row[1] {
			t.Errorf("%s leads to %s", row[1], row[2])
		}
		listed = append(listed, row[1])
	}
	slices.Sort(listed)
	if !slices.Equal(listed, names) {
		t.Errorf("README.md lists the examples %q, and there are %q", listed, names)
	}
	for _, name := range []string{"basic", "channel", "preemption", "stress", "benchmark", "playground"} {
		if !slices.Contains(names, name) {
			t.Errorf("gvthread for Rust has a program %s, and there is no such example", name)
		}
	}
}

// block returns the first block of a language in a README.md, and what follows it.
func block(t *testing.T, text, language string) (block, rest string) {
	t.Helper()
	_, text, ok := strings.Cut(text, "```"+language+"\n")
	block, rest, end := strings.Cut(text, "```\n")
	if !ok || !end {
		t.Fatalf("there is no block of %s", language)
	}
	return block, rest
}
