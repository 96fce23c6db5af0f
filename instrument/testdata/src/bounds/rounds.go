package bounds

func manyRounds() (n int) {
	for i := 0; i < 1<<62; i++ { // want `no safepoint`
		n++
	}
	for i := 0; i < 1<<63-1; i++ { // want `no safepoint`
		n++
	}
	for i := -1 << 62; i < 1<<62+5; i++ { // want `no safepoint`
		n++
	}
	for i := 1 << 62; i > 0; i-- { // want `no safepoint`
		n++
	}
	for i := 1<<63 - 1; i+4 > 0; i-- { // want `no safepoint`
		n++
	}
	for range 1 << 62 { // want `no safepoint`
		n++
	}
	for range 2 { // ok: the loop within has safepoints
		for range 1 << 31 { // want `no safepoint`
			for range 1 << 31 { // want `no safepoint`
				n++
			}
		}
	}
	return n
}
