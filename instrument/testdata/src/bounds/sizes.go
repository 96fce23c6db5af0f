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
	for i := 0; i < few*2; i++ { // want `nothing in memory bounds`
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

func wrapsAround(s []int, n int) (sum int) {
	for i := 0; i < min(n, len(s))-1; i++ { // want `nothing in memory bounds`
		sum++ // n may be math.MinInt
	}
	for i := 0; i < min(n, len(s))+-1; i++ { // want `nothing in memory bounds`
		sum++
	}
	for i := 0; i < min(n, len(s)); i++ { // ok
		sum++
	}
	for i := 0; i < len(s)-len(s[0:])-1; i++ { // ok
		sum++
	}
	last := len(s) - 1
	for i := 0; i < last*2+1; i++ { // ok
		sum++
	}
	for i := int32(0); i < int32(min(n, len(s))); i++ { // want `nothing in memory bounds`
		sum++
	}
	for i := int32(0); i < int32(len(s)-1); i++ { // ok
		sum++
	}
	return sum
}

func channels(a chan struct{}, b chan int) (sum int) {
	for i := 0; i < cap(a); i++ { // want `nothing in memory bounds`
		sum++
	}
	for i := 0; i < cap(b); i++ { // ok
		sum++
	}
	return sum
}

var large, other [1 << 20]byte

func copies(s []int) (sum int) {
	for range s { // want `rounds are long`
		large = other
	}
	for range s { // want `rounds are long`
		if large == other {
			sum++
		}
	}
	for i := range s { // want `rounds are long`
		var fresh [1 << 20]byte
		fresh[i&1023] = 1
		sum += int(fresh[s[i]])
	}
	for i := range s { // ok
		sum += int(large[i])
	}
	return sum
}
