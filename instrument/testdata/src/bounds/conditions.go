package bounds

func addends(s []int, x uint) (sum int) {
	for i := 0; i+4 < len(s); i++ { // ok
		sum++
	}
	for i := len(s); i-4 >= 0; i-- { // ok
		sum++
	}
	for i := 0; i-4 < 12; i++ { // ok: 16 rounds
		work()
	}
	for i := 0; i-60000 < 16; i++ { // want `no safepoint`
		work()
	}
	for i := 0; i-1<<40 < len(s); i++ { // want `nothing in memory bounds`
		sum++
	}
	for i := len(s); i+1<<40 >= 0; i-- { // want `nothing in memory bounds`
		sum++
	}
	for i := uint(len(s)); i-4 >= 2; i-- { // want `nothing in memory bounds`
		sum++ // below four, i-4 is huge
	}
	for i := 0; i+1 != len(s); i++ { // want `nothing in memory bounds`
		sum++ // of an empty slice, it is never the length
	}
	for x+1 > 0 { // want `nothing in memory bounds`
		x >>= 1
	}
	return sum
}

func notEqual(s, t []int, b bool, x uint) (sum int) {
	for i := 0; i != len(s); i++ { // ok
		sum++
	}
	i := 0
	if b {
		i = 5
	}
	for ; i != len(s); i++ { // want `nothing in memory bounds`
		sum++ // five may be beyond the length
	}
	for ; x != uint(len(s)); x++ { // want `nothing in memory bounds`
		sum++
	}
	for i = 0; i != len(s); i++ { // ok
		sum++
	}
	for ; i != len(t); i++ { // want `nothing in memory bounds`
		sum++ // t may be shorter
	}
	return sum
}
