// Package bound finds what bounds the rounds of loops, from what the text of a package
// shows. Each rule has a file.
//
// What bounds a loop must be certain. A variable counts only if the statements in the
// loop are all that can change it, and a length only if it is one of something in memory.
package bound

import (
	"go/ast"
	"go/types"

	"github.com/gvthread/gvthread/instrument/internal/code"
	"github.com/gvthread/gvthread/instrument/internal/flow"
)

// A Kind says what sort of thing limits the rounds of a loop.
type Kind uint8

// The kinds of limits. A greater one is better.
const (
	None     Kind = iota // nothing that the text shows
	Data                 // about the length of something in memory
	Constant             // a constant
)

// A Limit is what limits the rounds of a loop.
type Limit struct {
	Kind   Kind
	Rounds int64  // at most, if it is a Constant
	Why    string // what bounds it

	via []types.Object // the variables that move in one direction only and so bound it
}

// maxRounds stands for all greater numbers of rounds, and leaves room to multiply.
const maxRounds = 1 << 30

// wordBits is how often a value can be halved.
const wordBits = 64

func constant(rounds int64, why string) Limit {
	return Limit{Kind: Constant, Rounds: max(min(rounds, maxRounds), 0), Why: why}
}

func data(why string, via ...types.Object) Limit { return Limit{Kind: Data, Why: why, via: via} }

// rules are tried in this order. A constant is better than data, and the first is the one
// that counts.
var rules = []func(*view) Limit{ranged, counted, halved, doubled, bisected, progressing, stepping, growing}

// A Loop is a loop and what its text shows about its rounds: about all of them, or those
// that keep to some of its blocks.
type Loop struct {
	*flow.Loop
	Limit
	// Counter moves by one in every round. It is nil if nothing does.
	Counter *ast.Ident
	// Steps is the index of a loop that ends by a count, and goes through data if the step
	// of the index is not zero. It is "" for other loops.
	Steps string
	// Strided, if not nil, holds a safepoint that the counter reaches every so often.
	Strided *flow.Block

	pkg     *code.Package
	fn      *code.Function
	oneWays map[types.Object]bool // the variables that move in one direction only
}

// Of finds out what bounds a loop of a function.
func Of(p *code.Package, fn *code.Function, l *flow.Loop) *Loop {
	out := &Loop{Loop: l, pkg: p, fn: fn}
	v := out.look(l.Region)
	out.Counter, out.Strided = v.counter()
	return out
}

// Part returns what holds for a loop's rounds if they pass the given blocks only. If those
// are the ways round that pass no safepoint, the limit is one on the rounds between two
// safepoints.
func (l *Loop) Part(region flow.Set) *Loop {
	out := *l // what counts must do so in every round
	out.look(region)
	return &out
}

func (l *Loop) look(region flow.Set) *view {
	v := newView(l.pkg, l.fn, l.Loop, region)
	l.Limit, l.oneWays = Limit{}, v.oneWays()
	for _, rule := range rules {
		if found := rule(v); found.Kind > l.Kind {
			l.Limit = found
		}
		if l.Kind == Constant {
			break
		}
	}
	if l.Steps = ""; l.Kind == None {
		l.Steps = v.countsSteps()
	}
	return v
}

// Shares tells whether a loop within l goes on where its last run ended, so that what
// bounds it bounds the rounds of all its runs together.
func (l *Loop) Shares(in *Loop) bool {
	if in.Kind != Data || in.First == nil || len(in.via) == 0 {
		return false
	}
	for _, obj := range in.via {
		if !l.oneWays[obj] {
			return false
		}
	}
	return true
}
