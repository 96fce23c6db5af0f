package bounds

type count int

func (n count) receiver(s []int, b bool) (sum int) {
	if b {
		n = count(len(s))
	}
	for i := count(0); i < n; i++ { // want `nothing in memory bounds`
		sum++
	}
	return sum
}

func typeSwitch(a any, s []int, b bool) (sum int) {
	switch v := a.(type) {
	case int:
		if b {
			v = len(s)
		}
		for i := 0; i < v; i++ { // want `nothing in memory bounds`
			sum++
		}
	}
	return sum
}

func result() (n int) {
	defer func() {
		sum := 0
		for i := 0; i < n; i++ { // want `nothing in memory bounds`
			sum++
		}
	}()
	n = 5
	return 1 << 60
}

func zeroValue(b bool, s []int) (n int) {
	var m int
	if b {
		m, n = 1, 1
	}
	for m < len(s) { // want `nothing in memory bounds`
		m *= 2 // of zero
	}
	for n < len(s) { // want `nothing in memory bounds`
		n *= 2
	}
	return n
}

func fromZero(s []int) (sum int) {
	var i int
	for i < len(s) { // ok
		sum++
		i++
	}
	return sum
}

func belowZero() {
	i := -1
	for range 40 { // ok
		i *= 2
	}
	for ; i < 15; i++ { // want `no safepoint`
		work()
	}
}

func work()
