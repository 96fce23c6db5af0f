package bounds

func twice() (sum int) {
	for u := uint(9); u >= 1; { // want `nothing in memory bounds`
		u-- // to zero, and
		u-- // on from there
		sum++
	}
	for u := uint(9); u >= 2; { // ok
		u--
		u--
		sum++
	}
	for u := uint(9); u >= 1; { // ok: one of them
		if sum&1 == 0 {
			u--
		} else {
			u--
		}
		sum++
	}
	return sum
}

func sometimesTwice(skip *[256]bool, s []int, n uint16) (sum int) {
	for i := uint8(0); i < 255; i++ { // want `nothing in memory bounds`
		if skip[i] {
			i++ // from 254 to 0
		}
		sum++
	}
	for i := uint8(0); i < 254; i++ { // ok
		if skip[i] {
			i++
		}
		sum++
	}
	for i := 0; i != len(s); i++ { // want `nothing in memory bounds`
		if skip[i&7] {
			i++ // past the end
		}
		sum++
	}
	for i := 0; i < len(s); i++ { // ok
		if skip[i&7] {
			i++
		}
		sum++
	}
	for i := uint16(0); i < n; i++ { // want `can run for long`
		for skip[i&7] && i < n { // ok
			i++
		}
		i++
	}
	for i := int8(0); i >= 0; { // want `nothing in memory bounds`
		i -= 100
		i -= 100 // 56 again
		sum++
	}
	return sum
}

func smallOrLarge(b bool) (sum int) {
	for i := 0; i < 1<<30; { // want `no safepoint`
		if b {
			i += 1 << 16
		} else {
			i++
		}
		sum++
	}
	return sum
}

func leaps() (sum int) {
	for x := 1 << 31; x < 1<<32; x <<= 33 { // want `nothing in memory bounds`
		sum++ // with zero
	}
	for x := 1; x < 1<<32; x <<= 3 { // ok
		sum++
	}
	for x := 1; x < 1<<32; x *= 1 << 40 { // want `nothing in memory bounds`
		sum++
	}
	return sum
}

func narrowTogether(s []int, limit uint16) (sum int) {
	var j uint16
	for range s { // want `can run for long`
		j++
		for j < limit { // ok
			j++ // from the beginning again, in the end
			sum++
		}
	}
	var k int
	for range s { // ok
		k++
		for k < len(s) {
			k++
			sum++
		}
	}
	return sum
}
