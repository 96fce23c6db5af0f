package bounds

import "bounds/dep"

func mapGrows(m map[int]bool, n map[int]bool) (sum int) {
	for i := 0; i < len(m); i++ { // want `nothing in memory bounds`
		m[i+1] = true
	}
	for i := 0; i < len(m); i++ { // want `nothing in memory bounds`
		n[i+1] = true // perhaps the same
	}
	for i := 0; i < len(m); i++ { // ok
		sum++
	}
	return sum
}

type holder struct {
	x, y []int
	n    int
}

func throughPointer(t *holder) {
	px := &t.x
	for i := 0; i < len(t.x); i++ { // want `nothing in memory bounds`
		*px = append(*px, 1)
	}
	for i := 0; i < len(t.y); i++ { // ok: nobody has its address
		*px = nil
	}
}

type counter int

func (c *counter) reset() { *c = 0 }

func methodValue() {
	var i counter
	reset := i.reset
	for i = 0; i < 10; i++ { // want `no safepoint`
		reset()
	}
}

func ofOthers(t *dep.T, f *float64) (sum int) {
	p := t.Ptr()
	for t.I = 0; t.I < 10; t.I++ { // want `nothing in memory bounds`
		*p = 0
	}
	for t.I = 0; t.I < 10; t.I++ { // ok
		*f = 0
	}
	for i := 0; i < len(dep.Limit); i++ { // want `nothing in memory bounds`
		dep.Limit = append(dep.Limit, i)
	}
	for i := 0; i < len(dep.Limit); i++ { // ok
		sum++
	}
	return sum
}
