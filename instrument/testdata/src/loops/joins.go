package loops

import gv "github.com/gvthread/gvthread/runtime"

// Where ways come together at the end of a body, the check goes to the end of the only one
// that has passed no other.

func join(next func(int) int, a []int, i, n int) int {
	for i < n { // want `nothing in memory bounds its rounds`
		if a[i] != 0 {
			i = a[i]
		} else {
			for { // want `calls or contains code that can run for long`
				i = next(i)
				if a[i] != n {
					break
				}
			}
		}
	}
	return i
}

func joinTwice(next func(int) int, a []int, i, n int) int {
	for i < n { // want `nothing in memory bounds its rounds`
		if a[i] < 0 {
			gv.Yield()
			i++
		} else if a[i] == 0 {
			i += 2
			if i > n/2 {
				i = a[i]
			} else {
				gv.Yield()
			}
		} else {
			gv.Yield()
		}
	}
	return i
}

// Two ways have passed none.
func joinOfTwo(a []int, i, n int) int {
	for i < n { // want `nothing in memory bounds its rounds`
		if a[i] < 0 {
			i = -a[i]
		} else if a[i] == 0 {
			gv.Yield()
		} else {
			i = a[i]
		}
	}
	return i
}

// One way leads on past the branches.
func joinPast(a []int, i, n int) int {
	for i < n { // want `nothing in memory bounds its rounds`
		if a[i] < 0 {
			i = -a[i]
		} else if a[i] == 0 {
			gv.Yield()
		}
	}
	return i
}

// No other way comes to the end.
func noJoin(a []int, i, n int) int {
	for i < n { // want `nothing in memory bounds its rounds`
		if a[i] < 0 {
			i = -a[i]
		} else {
			return a[i]
		}
	}
	return i
}

// A clause has no end of its own.
func joinOfClauses(a []int, i, n int) int {
	for i < n { // want `nothing in memory bounds its rounds`
		switch {
		case a[i] < 0:
			i = -a[i]
		default:
			gv.Yield()
		}
	}
	return i
}

// The body of the branch is on one line.
func joinOnLine(a []int, i, n int) int {
	for i < n { // want `nothing in memory bounds its rounds`
		if a[i] < 0 { i = -a[i] } else { gv.Yield() }
	}
	return i
}
