package bounds

type void struct{ _ [0]int }

func noMemory(s []struct{}, t []void, p *[1 << 40]struct{}) (sum int) {
	for range s { // want `nothing in memory bounds`
		sum++
	}
	for i := 0; i < len(t); i++ { // want `nothing in memory bounds`
		sum++
	}
	for i := 0; i < sum; i++ { // want `nothing in memory bounds`
		s[i] = struct{}{}
	}
	for len(t) > 0 { // want `nothing in memory bounds`
		t = t[1:]
	}
	for i := range p { // want `no safepoint`
		sum += i
	}
	return sum
}

func generic[T any](s []T) (sum int) {
	for range s { // ok: nobody goes over nothing
		sum++
	}
	return sum
}
