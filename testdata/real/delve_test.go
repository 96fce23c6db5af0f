package real_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A debugger shows which thread a goroutine carries.
func TestDelve(t *testing.T) {
	dir := t.TempDir()
	program, commands := filepath.Join(dir, "named"), filepath.Join(dir, "commands")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./internal/named").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.WriteFile(commands, []byte("break main.look\ncontinue\ngoroutines -l\nexit\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "go", "tool", "dlv", "exec", program, "--init", commands, "--allow-non-terminal-interactive").CombinedOutput()
	text := string(out)
	if strings.Contains(text, "operation not permitted") {
		t.Skipf("a debugger may not trace programs here: %s", text)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, labels := range []string{`"gv.priority":"Low", "gv.thread":"reindex"`, `"gv.priority":"Critical", "gv.thread":"answer"`} {
		if !regexp.MustCompile(`(?m)^\s+Goroutine \d+ - .*\n\s+Labels: ` + regexp.QuoteMeta(labels) + `$`).MatchString(text) {
			t.Errorf("no goroutine has the labels %s\n%s", labels, text)
		}
	}
}
