package gvthread_test

import (
	"os"
	"strings"
	"testing"
)

// The quick start in README.md is the example, which has a test.
func TestReadmeShowsQuickstart(t *testing.T) {
	example, err := os.ReadFile("examples/quickstart/main.go")
	if err != nil {
		t.Fatal(err)
	}
	_, code, ok := strings.Cut(string(example), "\npackage main\n")
	if !ok {
		t.Fatal("examples/quickstart/main.go has no package clause")
	}
	if !strings.Contains(readme(t), "```go\npackage main\n"+code+"```\n") {
		t.Error("the quick start in README.md is not examples/quickstart/main.go: copy it from there")
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
