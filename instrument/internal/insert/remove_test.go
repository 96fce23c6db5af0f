package insert_test

import (
	"strings"
	"testing"

	"github.com/gvthread/gvthread/instrument/internal/insert"
)

const gvImport = `"github.com/gvthread/gvthread/runtime"`

func TestRemove(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"nothing inserted": {
			"package p\n\nimport gv " + gvImport + "\n\nfunc f() { gv.Safepoint() }\n",
			"package p\n\nimport gv " + gvImport + "\n\nfunc f() { gv.Safepoint() }\n",
		},
		"own import": {
			"package p\n\nimport gv " + gvImport + " //gv:inserted\n\nfunc f() {\n\tfor {\n\t\tgv.Safepoint()\n\t}\n}\n",
			"package p\n\nfunc f() {\n\tfor {\n\t}\n}\n",
		},
		"below another import": {
			"package p\n\nimport \"os\"\nimport gv " + gvImport + " //gv:inserted\n\nfunc f() {\n\tfor {\n\t\tgv.Safepoint()\n\t\tos.Exit(1)\n\t}\n}\n",
			"package p\n\nimport \"os\"\n\nfunc f() {\n\tfor {\n\t\tos.Exit(1)\n\t}\n}\n",
		},
		"somebody else's import and calls": {
			"package p\n\nimport gv " + gvImport + "\n\nfunc f() {\n\tgv.Safepoint()\n\tfor {\n\t\tgv.Safepoint() //gv:inserted\n\t}\n}\n",
			"package p\n\nimport gv " + gvImport + "\n\nfunc f() {\n\tgv.Safepoint()\n\tfor {\n\t}\n}\n",
		},
		"the import is in use by now": {
			"package p\n\nimport gv " + gvImport + " //gv:inserted\n\nfunc f() {\n\tfor {\n\t\tgv.Safepoint()\n\t\tgv.Yield()\n\t}\n}\n",
			"package p\n\nimport gv " + gvImport + "\n\nfunc f() {\n\tfor {\n\t\tgv.Yield()\n\t}\n}\n",
		},
		"goimports has made a group": {
			"package p\n\nimport (\n\t\"os\"\n\n\tgv " + gvImport + "\n) //gv:inserted\n\nfunc f() {\n\tfor {\n\t\tgv.Safepoint()\n\t\tos.Exit(1)\n\t}\n}\n",
			"package p\n\nimport (\n\t\"os\"\n)\n\nfunc f() {\n\tfor {\n\t\tos.Exit(1)\n\t}\n}\n",
		},
		"goimports has found a group": {
			"package p\n\nimport (\n\t\"io\"\n\t\"os\"\n\n\tgv " + gvImport + "\n)\n\n//gv:inserted\n\nvar x io.Reader\n\nfunc f() {\n\tfor {\n\t\tgv.Safepoint()\n\t\tos.Exit(1)\n\t}\n}\n",
			"package p\n\nimport (\n\t\"io\"\n\t\"os\"\n)\n\nvar x io.Reader\n\nfunc f() {\n\tfor {\n\t\tos.Exit(1)\n\t}\n}\n",
		},
		"goimports has moved it, and it is in use by now": {
			"package p\n\nimport (\n\t\"os\"\n\n\tgv " + gvImport + "\n) //gv:inserted\n\nfunc f() {\n\tfor {\n\t\tgv.Safepoint()\n\t\tgv.Yield()\n\t\tos.Exit(1)\n\t}\n}\n",
			"package p\n\nimport (\n\t\"os\"\n\n\tgv " + gvImport + "\n)\n\nfunc f() {\n\tfor {\n\t\tgv.Yield()\n\t\tos.Exit(1)\n\t}\n}\n",
		},
		"in a group": {
			"package p\n\nimport (\n\t\"os\"\n\tgv " + gvImport + " //gv:inserted\n\n\t\"io\"\n)\n\nfunc f() {\n\tfor {\n\t\tgv.Safepoint()\n\t}\n}\n",
			"package p\n\nimport (\n\t\"os\"\n\n\t\"io\"\n)\n\nfunc f() {\n\tfor {\n\t}\n}\n",
		},
		"a group of its own": {
			"package p\n\nimport (\n\tgv " + gvImport + " //gv:inserted\n)\n\nfunc f() {\n\tfor {\n\t\tgv.Safepoint()\n\t}\n}\n",
			"package p\n\nfunc f() {\n\tfor {\n\t}\n}\n",
		},
		"stride": {
			"package p\n\nimport gv " + gvImport + " //gv:inserted\n\nfunc f(n int) {\n\tfor i := range n {\n\t\tif i&1023 == 0 {\n\t\t\tgv.Safepoint()\n\t\t}\n\t}\n}\n",
			"package p\n\nfunc f(n int) {\n\tfor i := range n {\n\t}\n}\n",
		},
		"a body that was on one line": {
			"package p\n\nimport gv " + gvImport + " //gv:inserted\n\nfunc f() {\n\tgv.Safepoint() //gv:inserted joined\n\tg()\n\tf()\n}\n",
			"package p\n\nfunc f() { g(); f() }\n",
		},
		"on one line, not formatted": {
			"package p\n\nimport gv " + gvImport + " //gv:inserted\n\nfunc f()  { for { gv.Safepoint(); g() } }\n",
			"package p\n\nfunc f()  { for { g() } }\n",
		},
		"before the end of a body, no line moved": {
			"package p; import gv " + gvImport + " /*gv:inserted*/\n\nfunc f()  {\n\tfor g() {\n\t\tg()\n\tgv.Safepoint(); }\n}\n",
			"package p\n\nfunc f()  {\n\tfor g() {\n\t\tg()\n\t}\n}\n",
		},
		"before a goto": {
			"package p\n\nimport gv " + gvImport + " //gv:inserted\n\nfunc f() {\na:\n\tgv.Safepoint()\n\tgoto a\n}\n",
			"package p\n\nfunc f() {\na:\n\tgoto a\n}\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := insert.Remove([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestRemoveBadFile(t *testing.T) {
	_, err := insert.Remove([]byte("package p\n//gv:inserted\nfunc {"))
	if err == nil || !strings.Contains(err.Error(), "3:") {
		t.Errorf("error %v does not tell the line", err)
	}
}
