package flow

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"
)

// read returns the graph of the last function of a file.
func read(t *testing.T, body string) (*token.FileSet, *ast.File, *Graph) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", "package p\nfunc fatal() { for { panic(0) } }\nfunc f(n int, c, d chan int, x any, g func() bool) {\n"+body+"\n}\n", parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	pkg, err := new(types.Config).Check("p", fset, []*ast.File{file}, info)
	if err != nil {
		t.Fatal(err)
	}
	p := Of(fset, []*ast.File{file}, pkg, info, func(*types.Func) bool { return false })
	return fset, file, p.Graph(file.Decls[len(file.Decls)-1])
}

// Loops are named by the line of their statement in the body, with the lines that their
// rounds can touch.
func TestLoops(t *testing.T) {
	for body, want := range map[string]string{
		"for {\ng()\n}":                                                   "1:1-2",
		"for n > 0 {\ng()\n}":                                             "1:1-2",
		"for {\ng()\nreturn\n}":                                           "",
		"for {\nif g() {\nfatal()\n}\n}":                                  "1:1-2",
		"for {\nfor g() {\n}\nn++\n}":                                     "1:1-4 2:2-2",
		"for {\nfor g() {\n}\nreturn\n}":                                  "2:2-2",
		"for i := range n {\n_ = i\n}":                                    "1:1-2",
		"a:\nn++\nif g() {\ngoto a\n}":                                    "4:2-3",
		"if g() {\ngoto a\n}\nn++\na:\nn++":                               "",
		"for {\na:\nn++\nif g() {\ngoto a\n}\n}":                          "1:1-4 5:3-4",
		"a:\nn++\nif n > 1 {\nn++\n} else if n > 2 {\ngoto a\n}\nn++":     "6:2-5",
		"a:\nn++\nswitch x.(type) {\ncase int:\nn++\ndefault:\ngoto a\n}": "7:2-3",
		"a:\nn++\nselect {\ncase <-c:\nn++\ndefault:\ngoto a\n}":          "7:2-4",
		"a:\nn++\nswitch {\ndefault:\nn++\nfallthrough\ncase n > 1:\ngoto a\ncase n > 2:\nreturn\n}": "8:2-9",
		"a:\nn++\nswitch x.(type) {\ndefault:\ngoto a\n}":                                            "5:2-3",
	} {
		fset, _, g := read(t, body)
		line := func(n ast.Node) int { return fset.Position(n.Pos()).Line - 3 }
		var got []string
		for _, l := range g.Loops {
			first, last := 1000, 0
			for _, b := range l.Blocks {
				for _, n := range b.Nodes {
					first, last = min(first, line(n)), max(last, line(n))
				}
			}
			if first == 1000 || l.First != nil {
				first = line(l.Stmt)
			}
			got = append(got, fmt.Sprintf("%d:%d-%d", line(l.Stmt), first, max(first, last)))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q has the loops %q, want %q", body, got, want)
		}
	}
}

// Every branch knows its first block, those of default clauses too, and a block its
// innermost branch.
func TestBranches(t *testing.T) {
	for _, body := range []string{
		"if g() {\nn = 7\n}", "if g() {\n} else {\nn = 7\n}", "if g() {\n} else if g() {\nn = 7\n}",
		"switch n {\ncase 1:\ncase 2, 3:\nn = 7\n}", "switch n {\ndefault:\nn = 7\ncase 1:\n}",
		"switch x.(type) {\ncase int, string:\ncase bool:\ndefault:\nn = 7\n}", "switch x.(type) {\ndefault:\nn = 7\ncase int, bool:\n}",
		"select {\ncase <-c:\ncase d <- 1:\nn = 7\n}", "select {\ncase <-c:\ndefault:\nn = 7\n}", "select {\ncase n = <-c:\nn = 7\n}",
		"if g() {\nif g() {\nn = 7\n}\n}", "for g() {\nif g() {\nn = 7\n}\n}",
	} {
		_, file, g := read(t, body)
		var at *Block
		for _, b := range g.Blocks {
			for _, n := range b.Nodes {
				if set, ok := n.(*ast.AssignStmt); ok && len(set.Rhs) == 1 {
					if lit, ok := set.Rhs[0].(*ast.BasicLit); ok && lit.Value == "7" {
						at = b
					}
				}
			}
		}
		switch {
		case at == nil:
			t.Errorf("%q: no block has the assignment", body)
		case at.In == nil || at.In.First != at:
			t.Errorf("%q: the block is in %+v, whose first it is not", body, at.In)
		case file == nil || at == g.Entry:
			t.Errorf("%q: it is the entry", body)
		}
	}
}

// What a select statement and a range statement evaluate is where it is evaluated.
func TestEvaluated(t *testing.T) {
	_, _, g := read(t, "for n = range 9 {\ng()\n}\nselect {\ncase n = <-c:\ncase d <- n:\n}")
	for _, l := range g.Loops {
		set, ok := l.First.Nodes[0].(*ast.AssignStmt)
		if !ok || len(set.Lhs) != 1 || set.Rhs != nil || l.Head.Ranges == nil {
			t.Errorf("a round begins with %v", l.First.Nodes)
		}
	}
	comms := map[string]bool{}
	for _, b := range g.Blocks {
		for i, n := range b.Nodes {
			if n, ok := n.(ast.Stmt); ok && b.In != nil {
				comms[fmt.Sprintf("%T %d", n, i)] = true
			}
		}
	}
	if !comms["*ast.AssignStmt 0"] || !comms["*ast.SendStmt 0"] || len(comms) != 2 {
		t.Errorf("the clauses begin with %v", comms)
	}
}
