package gotos

import gv "github.com/gvthread/gvthread/runtime"

func backwards(n int) {
again:
	n--
	if n > 0 {
		goto again // want `this goto makes a loop that has no safepoint`
	}
}

func forwards(n int) {
	if n > 0 {
		goto done // ok: leads on
	}
	n++
done:
	n++
}

func covered(n int) {
again:
	gv.Yield()
	if n--; n > 0 {
		goto again // ok
	}
}

func halfCovered(n int) {
again:
	if n > 7 {
		gv.Yield()
	}
	if n--; n > 0 {
		goto again // want `no safepoint`
	}
}

func crossing(n int) {
	goto middle // ok: only the way in
top:
	n--
middle:
	if n > 0 {
		goto top // want `no safepoint`
	}
}

func labelledGoto(n int) {
a:
	n--
	if n < 0 {
		return
	}
b:
	goto a // want `no safepoint`
	goto b
}

func intoLoop(n int) {
retry:
	for i := 0; i < 4; i++ { // ok: short
		if i == n {
			n++
			goto retry // want `no safepoint`
		}
	}
}

func inCase(n int) {
loop:
	switch n {
	case 1:
		n = 2
		goto loop // want `no safepoint`
	case 2:
		n = 3
		goto out
	}
out:
}

func shadowed(s []int) (sum int) {
	i := 0
again:
	i++
	if i := "x"; sum < len(s) {
		sum += len(i)
		goto again // want `no safepoint`
	}
	return sum + i
}
