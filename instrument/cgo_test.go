package instrument

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"github.com/gvthread/gvthread/instrument/internal/load"
)

// In place, names of C have neither types nor objects.
func TestNamesOfC(t *testing.T) {
	const src = `package p

import "C"

func f(x []int, n int, p *int) (sum int) {
	for i := 0; i < n; i++ {
		sum += x[i+C.offset]
	}
	for i := 0; i < n; i++ {
		sum += x[i+C.offset]
		*p = sum
	}
	return sum
}
`
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	info := load.NewInfo()
	cfg := types.Config{FakeImportC: true}
	pkg, err := cfg.Check("p", fset, []*ast.File{file}, info)
	if err != nil {
		t.Fatal(err)
	}
	u := newUnit(fset, []*ast.File{file}, pkg, info, DefaultPolicy, func(*types.Func) *FuncFact { return nil })
	sites := u.analyze(nil).Sites
	if len(sites) != 2 || sites[0].Decision != Exempt || sites[1].Decision != Missing {
		t.Errorf("decisions %v, want exempt and missing", sites)
	}
}
