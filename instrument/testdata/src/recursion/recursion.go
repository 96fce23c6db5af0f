package recursion

import gv "github.com/gvthread/gvthread/runtime"

func fib(n int) int { // want `fib is recursive and has no safepoint`
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func tail(n int) int { // want `tail is recursive`
	if n == 0 {
		return 0
	}
	return tail(n - 1)
}

func short(n int) { short(n) } // want `short is recursive`

func even(n int) bool { // want `even is recursive and has no safepoint: .* \(it is on a cycle of calls with 1 more functions\)`
	if n == 0 {
		return true
	}
	return odd(n - 1)
}

func odd(n int) bool { // ok: every cycle passes even
	if n == 0 {
		return false
	}
	return even(n - 1)
}

func polite(n int) { // ok
	gv.Safepoint()
	polite(n - 1)
}

func late(n int) { // want `late is recursive`
	if n > 0 {
		late(n - 1)
	}
	gv.Safepoint()
}

func local(n int) int {
	var walk func(int) int
	walk = func(n int) int { // want `local.func is recursive`
		if n == 0 {
			return 0
		}
		return walk(n-1) + 1
	}
	return walk(n)
}

type node interface{ eval() int }

type leaf int

func (l leaf) eval() int { return int(l) } // ok: calls nothing

type sum struct{ x, y node }

func (s sum) eval() int { // want `sum.eval is recursive`
	return s.x.eval() + s.y.eval()
}

func spawns(n int) { // ok: the new goroutine is another thread's business
	go spawns(n - 1)
}

type list[T any] struct{ next *list[T] }

func (l *list[T]) len() int { // want `list.len is recursive`
	if l == nil {
		return 0
	}
	return 1 + l.next.len()
}

type machine struct{ step func(*machine, int) int }

func inField() int {
	m := &machine{step: func(m *machine, n int) int { // want `inField.func is recursive`
		if n == 0 {
			return 0
		}
		return m.step(m, n-1)
	}}
	return m.step(m, 10)
}

func inFieldByPlace() int {
	type only struct{ f func(int) int }
	var o *only
	o = &only{func(n int) int { // want `inFieldByPlace.func is recursive`
		if n == 0 {
			return 0
		}
		return o.f(n - 1)
	}}
	return o.f(10)
}

func apply(f func(int) int, n int) int { // want `apply is recursive`
	return f(n)
}

func asParameter(n int) int { // ok: apply has it
	if n == 0 {
		return 0
	}
	return apply(asParameter, n-1)
}

type tree struct {
	left, right *tree
	value       int
}

func (t *tree) walk(yield func(int) bool) { // want `tree.walk is recursive`
	if t == nil {
		return
	}
	for v := range t.left.walk { // want `can run for long`
		if !yield(v) {
			return
		}
	}
	_ = yield(t.value)
}

type branches struct{ children []*branches }

func (t *branches) walk(n int) int { // want `branches.walk is recursive`
	if t == nil {
		return 0
	}
	for _, c := range t.children { // ok: a round with no safepoint is short
		n += c.walk(n)
	}
	for { // want `nothing in memory bounds`
		n += t.walk(n)
	}
}
