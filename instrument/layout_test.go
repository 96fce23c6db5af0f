package instrument_test

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/imports"

	"github.com/gvthread/gvthread/instrument"
)

const gvImport = `"github.com/gvthread/gvthread/runtime"`

const importsIt = "package m\n\nimport gv " + gvImport + "\n\nfunc own() { gv.Safepoint() }\n"

// Whatever a file's layout, its safepoints are the checker's to find again and the
// removal's to take out, and nothing else.
func TestLayouts(t *testing.T) {
	for name, src := range map[string]string{
		"functions on one line":    "package m\n\nfunc even(n int) bool { return n == 0 || odd(n-1) }\n\nfunc odd(n int) bool { return n != 0 && even(n-1) }\n",
		"blank behind a brace":     "package m\n\nfunc f(g func()) {\n\tfor { \n\t\tg()\n\t}\n}\n",
		"blanks behind a comment":  "package m\n\nfunc f(g func()) {\n\tfor { /* a */ \n\t\tg()\n\t}\n}\n",
		"comment of two lines":     "package m\n\nfunc f(g func()) {\n\tfor { /* a\n\t\t   b */g()\n\t}\n}\n",
		"and an import of its own": importsIt + "\nfunc f(g func()) {\n\tfor { /* a\nb */ g() }\n}\n",
		"not formatted":            importsIt + "\nfunc f(g func()) {\n\tgv.Safepoint()\n\tfor   { g() }\n}\n\nfunc h(n int) (i int) {\nL:\n\ti++\n\tif i < n { goto L }\n\treturn i\n}\n",
		"stride, not formatted":    importsIt + "\nfunc f(n int) (sum int) {\n\tfor i := 0; i < n; i++  { sum += i }\n\treturn sum\n}\n",
		"carriage returns":         dos(importsIt + "\nfunc f(g func()) {\n\tfor {\n\t\tg()\n\t}\n\tfor { g() }\n}\n"),
		"carriage returns, import": dos("package m\n\nimport \"fmt\"\n\nfunc f(n int) (sum int) {\n\tfor { // a\n\t\tfmt.Print()\n\t}\n\tfor i := 0; i < n; i++  {\n\t\tsum += i\n\t}\nL:\n\tgoto L\n}\n"),
		"carriage returns, one":    dos("package m\n\nfunc f(g func()) {\n\tfor {\n\t\tg()\n\t}\n}\n"),
		"carriage returns, shared": dos("package m; import \"fmt\"; func f(g func()) {\n\tfor { \n\t\tfmt.Print()\n\t}\n}"),
		"both ends of lines":       "package m\n\nfunc f(g func()) {\n\tfor {\r\n\t\tg()\r\n\t}\r\n\tfor {\n\t\tg()\n\t}\n}\n",
		"comment behind an import": "package m\n\nimport  \"fmt\" /* a\nb */\n\nfunc f(g func()) {\n\tfor { fmt.Print() }\n}\n",
		"comment behind a package": "package  m /* a\nb */\n\nfunc f(g func()) {\n\tfor { g() }\n}\n",
		"declarations on one line": "package m; import \"fmt\"; func f(g func()) { for { fmt.Print() } }\n",
		"comment before the end":   "package m\n\nfunc f(g func() bool) {\n\tfor g() {\n\t\tg()\n\t\t// a\n\t}\n}\n",
		"comment behind the last":  importsIt + "\nfunc f(g func() bool) {\n\tfor g() {\n\t\tg() // a\n\n\t\t// b\n\t}\n}\n",
		"comment at the end":       "package m\n\nfunc f(g func() bool) {\n\tfor g() {\n\t\tg() /* a\n\t*/ }\n}\n",
		"at the end, an import":    importsIt + "\nfunc f(g func() bool) {\n\tfor g() {\n\t\tg() /* a\n\t*/}\n}\n",
		"label at the end":         "package m\n\nfunc f(g func() bool) {\n\tfor g() {\n\t\tif g() {\n\t\t\tgoto L\n\t\t}\n\t\tg()\n\tL:\n\t}\n}\n",
		"two ends on one line":     "package m\n\nfunc f(g func() bool) {\n\tfor g() {\n\t\tfor g() {\n\t\t\tg()\n\t\t} }\n}\n",
		"nothing before the end":   "package m\n\nfunc f(g func() bool) {\n\tfor g() {\n\t\t// a\n\t}\n}\n",
		"case on one line":         importsIt + "\nfunc f(g func(), s string) {\n\tfor i := range s {\n\t\tswitch s[i] {\n\t\tcase 'a': g()\n\t\tcase 'b': /* a\n*/ g()\n\t\t}\n\t}\n}\n",
	} {
		for _, policy := range instrument.PolicyNames {
			t.Run(name+"/"+policy, func(t *testing.T) {
				dir := t.TempDir()
				file := filepath.Join(dir, "m.go")
				writeFile(t, filepath.Join(dir, "go.mod"), stubModule(t))
				writeFile(t, file, src)
				o := instrument.Options{Dir: dir, Patterns: []string{"."}, Policy: instrument.Policy{Name: policy, Recursion: true}}
				res, err := instrument.Instrument(o)
				must(t, err)
				if len(res.Files) != 1 {
					t.Fatalf("%d files changed", len(res.Files))
				}
				text := res.Files[0].New
				if cr, lf := strings.Count(string(text), "\r\n"), strings.Count(string(text), "\n"); cr != lf && isDOS(src) || cr > 0 && !strings.Contains(src, "\r") {
					t.Errorf("%d of %d lines end with a carriage return:\n%q", cr, lf, text)
				}
				back, err := instrument.Remove(text)
				must(t, err)
				if string(back) != src {
					t.Errorf("the removal is not exact:\n%q\nafter\n%s", back, text)
				}
				writeFile(t, file, string(text))
				res, err = instrument.Instrument(o)
				must(t, err)
				if len(res.Files) != 0 {
					t.Errorf("a second run changes\n%s\nto\n%s", text, res.Files[0].New)
				}
			})
		}
	}
}

// A checkout with other line ends gives back what it would have been without safepoints.
func TestLineEndsChange(t *testing.T) {
	for _, src := range []string{
		"package m\n\nimport gv " + gvImport + " //gv:inserted\n\nfunc f(g func()) {\n\tfor {\n\t\tgv.Safepoint()\n\t\tg()\n\t}\n}\n",
		"package m\n\nimport gv " + gvImport + " //gv:inserted\n\nfunc f(g func()) {\n\tfor {\n\t\tgv.Safepoint()\n\t\tgv.Yield()\n\t}\n}\n",
		"package m\n\nimport gv " + gvImport + "\n\nfunc f() {\n\tgv.Safepoint() //gv:inserted joined\n\tg()\n\tf()\n}\n",
	} {
		want, err := instrument.Remove([]byte(src))
		must(t, err)
		got, err := instrument.Remove([]byte(dos(src)))
		must(t, err)
		if string(got) != dos(string(want)) {
			t.Errorf("got %q, want %q", got, dos(string(want)))
		}
	}
}

// An editor may run goimports over what it saves. That moves the import into a group, and leaves its mark
// behind.
func TestGoimports(t *testing.T) {
	tidy := func(text []byte) string {
		out, err := imports.Process("m.go", text, &imports.Options{FormatOnly: true, Comments: true, TabIndent: true, TabWidth: 8})
		must(t, err)
		return string(out)
	}
	const loop = "\n// f loops.\nfunc f(g func()) {\n\tfor {\n\t\tg()\n\t}\n}\n"
	for _, src := range []string{
		"package m\n" + loop,
		"package m\n\nimport (\n\t\"fmt\"\n)\n\nvar _ = fmt.Print\n" + loop,
		"package m\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nvar _, _ = fmt.Print, os.Args\n" + loop,
	} {
		dir := t.TempDir()
		file := filepath.Join(dir, "m.go")
		writeFile(t, filepath.Join(dir, "go.mod"), stubModule(t))
		writeFile(t, file, src)
		o := instrument.Options{Dir: dir, Patterns: []string{"."}, Policy: instrument.DefaultPolicy}
		res, err := instrument.Instrument(o)
		must(t, err)
		text := tidy(res.Files[0].New)
		back, err := instrument.Remove([]byte(text))
		must(t, err)
		if want := tidy(res.Files[0].Old); tidy(back) != want {
			t.Errorf("got\n%s\nafter\n%s\nwant\n%s", back, text, want)
		}
		writeFile(t, file, text)
		if res, err = instrument.Instrument(o); err != nil || len(res.Files) != 0 {
			t.Errorf("a second run changes\n%s\n%v", text, err)
		}
	}
}

// dos ends the lines of a text as Windows does.
func dos(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }

func isDOS(text string) bool {
	return dos(strings.ReplaceAll(text, "\r\n", "\n")) == text && strings.Contains(text, "\r")
}
