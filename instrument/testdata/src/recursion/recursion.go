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

func otherwise(n int) int { // want `otherwise is recursive`
	if n < 2 {
		return n
	} else {
		return otherwise(n-1) + otherwise(n-2)
	}
}

func chosen(n int) int { // want `chosen is recursive`
	switch n {
	case 0, 1:
		return n
	default:
		return chosen(n-1) + chosen(n-2)
	}
}

func (t *tree) each(f func(int)) { // want `tree.each is recursive`
	if t != nil {
		t.left.each(f)
		f(t.value)
		t.right.each(f)
	}
}

func ackermann(m, n int) int { // want `ackermann is recursive`
	switch {
	case m == 0:
		return n + 1
	case n == 0:
		return ackermann(m-1, 1)
	}
	return ackermann(m-1, ackermann(m, n-1))
}

func chain(n int) int { // want `chain is recursive`
	half := n / 2
	if half == 0 {
		n++
	} else if half == 1 {
		return chain(0)
	} else if half == 2 {
		return 2
	}
	return chain(half)
}

func falls(x any) int { // want `falls is recursive`
	switch x := x.(type) {
	case int:
		return x
	case []any:
		if len(x) > 0 {
			return falls(x[0])
		}
	}
	return 0
}

func through(n int) int { // want `through is recursive`
	switch n {
	case 0:
		return 0
	case 1:
		n = 7
		fallthrough
	case 2:
		return through(n - 2)
	}
	return 1
}

func inBoth(n int) int { // want `inBoth is recursive`
	if n > 9 {
		return inBoth(n / 2)
	} else {
		return inBoth(n + 1)
	}
}

func inCondition(n int) int { // want `inCondition is recursive`
	if n == 0 {
		return 0
	} else if inCondition(n-1) > 0 {
		return inCondition(n - 2)
	}
	return 1
}

func passesOne(n int) int { // want `passesOne is recursive`
	if n > 9 {
		n += passesOne(n / 2)
	}
	if n == 0 {
		return 0
	}
	return passesOne(n - 1)
}

func labelled(n int) int { // want `labelled is recursive`
	if n == 0 {
		return 0
	}
again:
	if n > 9 {
		n /= 2
		goto again // want `goto`
	}
	return labelled(n - 1)
}

func leapsOver(n int, a, b bool) { // want `calls itself`
	if a {
		goto end
	}
	if b {
		return
	}
	n--
end:
	leapsOver(n, b, a)
}

func searches(s []int, x int) bool { // want `calls itself`
	found := false
	for _, y := range s { // ok: tight, bounded by the slice
		if matches(y, x) {
			found = true
			break
		}
	}
	if !found && x > 0 {
		return searches(s, x/2)
	}
	return found
}

func matches(x, y int) bool { return x == y }
