package bounds

func unsigned(s, t []int, k int8, mask uint) (sum int) {
	for i := uint(0); i < uint(len(s))-uint(len(t)); i++ { // want `nothing in memory bounds`
		sum++
	}
	for i := uint(0); i < uint(len(s)-len(t)); i++ { // want `nothing in memory bounds`
		sum++
	}
	for i := uint(0); i < uint(k); i++ { // want `nothing in memory bounds`
		sum++
	}
	for i := uint(0); i < uint(len(s)); i++ { // ok
		sum++
	}
	for i := 0; i < int(uint8(k)); i++ { // ok
		sum++
	}
	return sum
}

func signs(s []int, k, m int) (sum int) {
	few := min(k, len(s))
	for i := 0; i < few; i++ { // ok
		sum++
	}
	for i := 0; i < few*2; i++ { // ok
		sum++
	}
	for i := 0; i < few*-1; i++ { // want `nothing in memory bounds`
		sum++
	}
	for i := 0; i < m&few; i++ { // want `nothing in memory bounds`
		sum++
	}
	for i := 0; i < m%few; i++ { // want `nothing in memory bounds`
		sum++
	}
	for i := 0; i < m&len(s); i++ { // ok
		sum++
	}
	for i := 0; i < m%len(s); i++ { // ok
		sum++
	}
	for i := 0; i < few%m; i++ { // ok
		sum++
	}
	return sum
}
