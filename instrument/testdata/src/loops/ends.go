package loops

// The safepoint is last in the body if all rounds come there.

func goesOn(f func(int) bool, s []int) {
	for _, x := range s { // want `no safepoint`
		if f(x) {
			continue
		}
		f(x + 1)
	}
}

func breaks(f func(int) bool, s []int) {
	for _, x := range s { // want `no safepoint`
		if f(x) {
			break
		}
		f(x + 1)
	}
}

func breaksInLoop(f func(int) bool, s [][]int) {
	for _, t := range s { // want `no safepoint`
		for _, x := range t { // want `no safepoint`
			if f(x) {
				break
			}
			f(x + 1)
		}
		f(0)
	}
}

func breaksForever(f func(int) bool) {
	for f(0) { // ok: the loop in it has no condition, and a safepoint in every round
		for { // want `no safepoint`
			if f(1) {
				break
			}
			f(2)
		}
	}
}

func leavesTwo(f func(int) bool, s [][]int) {
outer:
	for _, t := range s { // ok: its other ways round are tight
		for _, x := range t { // want `no safepoint`
			if f(x) {
				continue outer
			}
			f(x + 1)
		}
	}
}

func leavesByGoto(f func(int) bool, s []int) {
again:
	for _, x := range s { // want `no safepoint`
		if f(x) {
			goto again // ok: there is one in the loop
		}
		f(x + 1)
	}
}

func returns(f func(int) bool, s [][]int) {
	for _, t := range s { // ok: its other ways round are tight
		for _, x := range t { // want `no safepoint`
			if f(x) {
				return
			}
			f(x + 1)
		}
	}
}

func comesToNoEnd(f func(int) bool, s []int) {
	for _, x := range s { // want `no safepoint`
		if f(x) {
			continue
		}
		return
	}
}

func jumpsToTheEnd(f func(int) bool, s []int) {
	for _, x := range s { // want `no safepoint`
		if f(x) {
			goto end
		}
		f(x + 1)
	end:
	}
}

func passesOneBefore(f func(int) bool, s []int) {
	for _, x := range s { // want `no safepoint`
		if f(x) {
			work()
			for { // want `no safepoint`
				if f(x) {
					break
				}
				f(x + 1)
			}
			continue
		}
		f(x + 2)
	}
}

func shadows(n int) (sum int) {
	for i := 0; i < n; i++ { // want `a tight loop that nothing in memory bounds`
		sum += i
		i := sum
		sum ^= i
	}
	return sum
}

// What differs from a constant mostly does: the branch is no rare one.

func usual(f func(float64), s []float64) {
	for _, x := range s { // want `it calls or contains code that can run for long`
		if x != 0 {
			f(x)
		}
	}
}

func notNil(s []func()) {
	for _, f := range s { // want `it calls or contains code that can run for long`
		if f != nil {
			f()
		}
	}
}

func rare(f func(float64), s []float64) {
	for _, x := range s { // want `its other ways round are tight`
		if x == 0 {
			f(x)
		}
	}
}

func failed(f func(error), s []error) {
	for _, err := range s { // want `its other ways round are tight`
		if err != nil {
			f(err)
		}
	}
}
