package loops

import "sync"

func work() // implemented elsewhere: nobody knows how long it takes

func forever() {
	for { // want `this for loop has no safepoint: .* \(nothing in memory bounds its rounds\)`
	}
}

func collatz(x int) (n int) {
	for x != 1 { // want `no safepoint`
		if x%2 == 0 {
			x /= 2
		} else {
			x = 3*x + 1
		}
		n++
	}
	return n
}

func retry(f func() error) {
	for f() != nil { // want `it calls or contains code that can run for long`
	}
}

func counted(n int) (sum int) {
	for i := 0; i < n; i++ { // want `a tight loop that nothing in memory bounds`
		sum += i
	}
	return sum
}

func oneLine(n int) { for i := 0; i < n; i++ { work() } } // want `no safepoint`

func nested(m [][]float64) (sum float64) {
	for _, row := range m { // want `no safepoint`
		for _, v := range row { // ok: tight, bounded by the slice
			sum += v
		}
	}
	return sum
}

func labelled(m [][]int) int {
outer:
	for i := range m { // ok: the safepoint of the loop within is on every way round
		for j := 0; ; j++ { // want `no safepoint`
			work()
			if j > i {
				continue outer
			}
			if m[i][j] == 0 {
				break outer
			}
		}
	}
	return 0
}

func events(a, b chan int, quit chan struct{}) {
	for { // want `no safepoint`
		select {
		case <-a:
		case v := <-b:
			_ = v
		case <-quit:
			return
		}
	}
}

func notALoop(a chan int) {
	for { // ok: never comes round
		<-a
		return
	}
}

func dead() {
	return
	for { // ok: unreachable
	}
}

func switched(n int) {
	for n > 0 { // want `no safepoint`
		switch {
		case n == 3:
			n--
			continue
		case n == 4:
			work()
			fallthrough
		default:
			n -= 2
		}
	}
}

type T struct{ mu sync.Mutex }

func (t *T) method() {
	for { // want `no safepoint`
		t.mu.Lock()
		t.mu.Unlock()
	}
}

func init() {
	for i := 0; i < 100; i++ { // want `no safepoint`
		work()
	}
}

var closure = func() {
	for { // want `no safepoint`
		work()
	}
}

func closures(n int) (fs []func()) {
	for i := 0; i < n; i++ { // ok: memory ends it
		fs = append(fs, func() {
			for range i { // want `no safepoint`
				work()
			}
		})
	}
	return fs
}

func generic[T any, S ~[]T](s S, f func(T)) {
	for _, v := range s { // want `no safepoint`
		f(v)
	}
}

func commented(n int) {
	for i := 0; i < n; i++ { // want `no safepoint`
		// about the call
		work() // trailing

		// at the end
	}
}

func deferred(n int) {
	for i := range n { // want `no safepoint`
		defer work()
		_ = i
	}
}

func panics(n int) {
	for { // ok: the second round never begins
		panic(n)
	}
}

func clauseVariable(x any) (n int) {
	for { // want `no safepoint`
		switch v := x.(type) {
		case int:
			v++
			n += v & 1
		default:
			return n
		}
	}
}
