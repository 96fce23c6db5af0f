package toolexec

import "testing"

// Names are what the compiler makes of them: cmd/internal/objabi's TestAbsFile and
// TestApplyRewrites have the same.
func TestKnown(t *testing.T) {
	p := &Plan{Goroot: "/go"}
	for _, test := range []struct{ name, trim, want string }{
		{"/a/b/x.go", "/work/b001=>", "/a/b/x.go"},
		{"/a/b/x.go", "/work/b001=>;/a/b=>m@v1/b;", "m@v1/b/x.go"},
		{"/a/b/x.go", "/a=>y;/a/b=>z", "y/b/x.go"},
		{"/a/bc/x.go", "/a/b=>z", "/a/bc/x.go"},
		{"/a/b/x.go", "/a/b", "x.go"},
		{"/a/b/x.go", "/a/b/x.go=>/c.go", "/c.go"},
		{"/go/src/sort/sort.go", "/work=>", "$GOROOT/src/sort/sort.go"},
		{"/go/src/sort/sort.go", "/go/src/sort=>sort", "sort/sort.go"},
		{"/gone/x.go", "", "/gone/x.go"},
	} {
		if got := p.known(test.name, test.trim); got != test.want {
			t.Errorf("%s with -trimpath=%s is known as %s, want %s", test.name, test.trim, got, test.want)
		}
	}
	got := p.rename(map[string]string{"/c/2.go": "/a/2.go", "/c/1.go": "/a/1.go"}, "/a=>m")
	if want := "/c/1.go=>m/1.go;/c/2.go=>m/2.go;/a=>m"; got != want {
		t.Errorf("-trimpath is %s, want %s", got, want)
	}
}

func TestVersion(t *testing.T) {
	for line, want := range map[string]string{
		"compile version go1.26.8":                   "compile version go1.26.8 gvinstrument=7",
		"compile version devel go1.28 buildID=a/b/c": "compile version devel go1.28 buildID=a/b/c+gvinstrument.7",
	} {
		if got := withID(line, "7"); got != want {
			t.Errorf("%q becomes %q, want %q", line, got, want)
		}
	}
}
