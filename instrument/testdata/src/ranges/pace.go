package ranges

import (
	"iter"
	"ranges/dep"
	stdslices "slices"
)

type list struct {
	next *list
	v    int
}

func (l *list) all(yield func(int) bool) {
	for ; l != nil; l = l.next { // want `no safepoint`
		if !yield(l.v) {
			return
		}
	}
}

func (l *list) values() iter.Seq[int] {
	if l == nil {
		return func(func(int) bool) {}
	}
	return func(yield func(int) bool) {
		for ; l != nil; l = l.next { // want `no safepoint`
			if !yield(l.v) {
				return
			}
		}
	}
}

func (l *list) few(yield func(int) bool) {
	for i := range 3 { // ok: at most 3
		yield(i)
	}
}

// exempt has loops without a safepoint.
//
//gv:nosafepoint for the test
func (l *list) exempt(yield func(int) bool) {
	for ; l != nil; l = l.next { // ok
		if !yield(l.v) {
			return
		}
	}
}

func (l *list) twice(yield func(int) bool) {
	for v := range l.all { // ok
		if !yield(v) || !yield(v) {
			return
		}
	}
}

func (l *list) handedOn(yield func(int) bool) {
	l.all(yield)
}

func (l *list) held(yield func(int) bool) {
	f := yield
	for ; l != nil; l = l.next { // want `no safepoint`
		f(l.v)
	}
}

func (l *list) skips(yield func(int) bool) {
	for ; l != nil; l = l.next { // want `no safepoint`
		if l.v > 0 && !yield(l.v) {
			return
		}
	}
}

func pace(l *list) (sum int) {
	for v := range l.all { // ok: the iterator has a safepoint
		sum += v
		work()
	}
	for v := range l.twice { // ok
		sum += v
	}
	for v := range l.skips { // ok
		sum += v
	}
	for v := range iterator(9) { // ok
		sum += v
	}
	for v := range l.values() { // want `no safepoint`
		sum += v
	}
	for v := range l.few { // want `no safepoint`
		sum += v
	}
	for v := range l.exempt { // want `no safepoint`
		sum += v
	}
	for v := range l.handedOn { // want `no safepoint`
		sum += v
	}
	for v := range l.held { // want `no safepoint`
		sum += v
	}
	for v := range stdslices.Values([]int{1}) { // want `no safepoint`
		sum += v
	}
	for v := range dep.Paced { // ok: it has one
		sum += v
	}
	for v := range dep.Pacing(9) { // ok
		sum += v
	}
	for v := range dep.Plain { // want `no safepoint`
		sum += v
	}
	return sum
}

func pacedWithin(l *list) (sum int) {
	for { // want `no safepoint`
		for v := range l.all { // ok
			sum += v
		}
	}
}
