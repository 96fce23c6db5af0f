package ranges

import "iter"

func work()

func ints(n int) (sum int) {
	for i := range n { // want `no safepoint`
		sum += i
	}
	for range n { // want `no safepoint`
		sum++
	}
	return sum
}

func slices(s []int, a [4]int, p *[8]int) (sum int) {
	for _, v := range s { // ok
		sum += v
	}
	for _, v := range a { // ok
		sum += v
	}
	for i := range p { // ok
		sum += p[i]
	}
	for _, v := range s { // want `no safepoint`
		work()
		sum += v
	}
	return sum
}

func text(s string) (n int) {
	for _, r := range s { // ok
		if r == ' ' {
			n++
		}
	}
	return n
}

func maps(m map[string]int) (sum int) {
	for _, v := range m { // ok
		sum += v
	}
	for k, v := range m { // want `no safepoint`
		m[k+"x"] = v
	}
	return sum
}

func channel(c chan int) (sum int) {
	for v := range c { // want `no safepoint`
		sum += v
	}
	return sum
}

func funcs(seq iter.Seq[int], seq2 iter.Seq2[int, string]) (sum int) {
	for v := range seq { // want `no safepoint`
		sum += v
	}
	for range seq2 { // want `no safepoint`
	}
	return sum
}

func iterator(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 0; i < n; i++ { // want `no safepoint`
			if !yield(i) {
				return
			}
		}
	}
}

func generic[S ~[]E, E int | float64](s S) (sum E) {
	for _, v := range s { // ok
		sum += v
	}
	return sum
}
