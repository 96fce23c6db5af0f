package bounds

type inner struct{ i int }

type outer struct {
	inner
	s []int
}

func replaced(p, q *outer, all []outer, in *inner, s []int) {
	for p.i = 0; p.i < len(s); p.i++ { // want `nothing in memory bounds`
		*q = outer{} // which may be *p
	}
	for p.i = 0; p.i < len(s); p.i++ { // want `nothing in memory bounds`
		all[0] = outer{}
	}
	for p.i = 0; p.i < len(s); p.i++ { // want `nothing in memory bounds`
		copy(all, all[1:])
	}
	for p.i = 0; p.i < len(s); p.i++ { // want `nothing in memory bounds`
		q.inner = inner{}
	}
	for p.i = 0; p.i < len(s); p.i++ { // want `nothing in memory bounds`
		swap(all)
	}
	for i := 0; i < len(p.s); i++ { // want `nothing in memory bounds`
		*q = outer{s: append(p.s, 1)}
	}
	for i := 0; i < len(p.s); i++ { // ok: no slice is in there
		*in = inner{}
	}
	for p.i = 0; p.i < len(s); p.i++ { // ok
		s[0] = p.i
	}
}

func swap(all []outer) { all[0], all[1] = all[1], all[0] }

func grows(m map[int]int) {
	for k := range m { // want `no safepoint`
		m[k+1]++
	}
}
