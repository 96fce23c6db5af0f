package model

import (
	goruntime "runtime"
	"slices"
	"strconv"
)

// An actor does its code again and again.
//
// The code reads like what it stands for, but what the actors share it touches in steps only.
// Between two steps of one actor come any number of the others'. The code's variables have
// what its steps have returned, and nothing else that changes.
type actor struct {
	name string
	code func(p *proc)
	// may says whether the actor can take a step now. It may be nil.
	may func() bool
}

// A way is one of those that a step can go.
type way struct {
	what string
	// try goes it, or reports that it isn't open: then what it has changed doesn't count.
	try func() bool
	// otherwise: it is open only if none of the step's others is.
	otherwise bool
}

// one is a way that is open where f returns true.
func one(what string, f func() bool) []way { return []way{{what, f, false}} }

// otherwise is a way that is open where no other is.
func otherwise(what string, f func()) []way {
	return []way{{what, func() bool { f(); return true }, true}}
}

// each is a way for each i below n for which f returns true.
func each(what string, n uint8, f func(i uint8) bool) (ways []way) {
	for i := range n {
		ways = append(ways, one(what+" "+strconv.Itoa(int(i)), func() bool { return f(i) })...)
	}
	return ways
}

// pairs is each for an i below n and a j below k; i*k+j is what they count as.
func pairs(what string, n, k uint8, f func(i, j uint8) bool) (ways []way) {
	for i := range n {
		ways = append(ways, each(what+" "+strconv.Itoa(int(i)), k, func(j uint8) bool { return f(i, j) })...)
	}
	return ways
}

// A proc is an actor between two steps.
//
// Code can't be copied on its way. So where it is is known by its past: the ways that its
// steps have gone. To get there it is run from its start, and its steps return what the past
// has, without being taken; the first that the past doesn't have is the next one.
type proc struct {
	past []uint8
	at   int // how much of the past has been returned
	next []way
}

const (
	again = 0xfd // what a part returns that is to be done again
	ended = 0xfe // stands in the past for a part that has ended, before its result
)

// either is a step: it goes one of the ways that are open, and returns in which list it was,
// and where. While none is open the actor waits.
func (p *proc) either(lists ...[]way) (list int, i uint8) {
	if p.at == len(p.past) {
		p.next = slices.Concat(lists...)
		goruntime.Goexit()
	}
	i = p.past[p.at]
	p.at++
	for ; int(i) >= len(lists[list]); list++ {
		i -= uint8(len(lists[list]))
	}
	return list, i
}

// do is a step that can always be taken.
func (p *proc) do(what string, f func()) { p.either(otherwise(what, f)) }

// when is a step that can be taken where f returns true.
func (p *proc) when(what string, f func() bool) { p.either(one(what, f)) }

// test is a step that can always be taken, and returns what f returns.
func (p *proc) test(what string, f func() bool) bool {
	list, _ := p.either(one(what+": yes", f), otherwise(what+": no", func() {}))
	return list == 0
}

// any is a step that can be taken with an i below n for which f returns true, and returns it.
func (p *proc) any(what string, n uint8, f func(i uint8) bool) uint8 {
	_, i := p.either(each(what, n, f))
	return i
}

// part is a part of the code, done until it doesn't return again. How it went is forgotten
// when it has ended, but for the result: otherwise each way through it would lead somewhere
// else.
func (p *proc) part(code func() uint8) (result uint8) {
	start := p.at
	if start < len(p.past) && p.past[start] == ended {
		p.at += 2
		return p.past[start+1]
	}
	for result = code(); result == again; result = code() {
		p.past, p.at = p.past[:start], start
	}
	p.past, p.at = append(p.past[:start], ended, result), start+2
	return result
}

// A territory has the points that an actor can be at, as far as they are known: first none,
// and second the start of its code.
type territory struct {
	actor
	points []point
	index  map[string]uint16
}

// A point is where a past leads to, and to are the points that its ways lead to; 0 for a way
// that hasn't been gone.
type point struct {
	past []uint8
	ways []way
	to   []uint16
}

// start is where the code starts.
const start = 1

// enter returns the point that a past leads to.
func (t *territory) enter(past []uint8) uint16 {
	p := &proc{past: past}
	reached := make(chan struct{})
	go func() { // the next step ends it
		defer close(reached)
		for {
			t.code(p)
			p.past, p.at = nil, 0
		}
	}()
	<-reached
	i, ok := t.index[string(p.past)]
	if !ok {
		i = uint16(len(t.points))
		t.index[string(p.past)] = i
		t.points = append(t.points, point{p.past, p.next, make([]uint16, len(p.next))})
	}
	return i
}

// after returns the point that a way leads to from the point at.
func (t *territory) after(at uint16, way int) uint16 {
	from := t.points[at]
	if from.to[way] == 0 {
		from.to[way] = t.enter(append(slices.Clone(from.past), uint8(way)))
	}
	return from.to[way]
}
