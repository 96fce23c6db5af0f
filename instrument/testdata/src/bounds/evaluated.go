package bounds

import "unsafe"

func lengthOnly(n int, s [][4]int) (sum int) {
	var x [10][5]int
	for i := 0; ; i++ { // want `nothing in memory bounds`
		sum += len(x[i])
		if sum < 0 {
			break
		}
	}
	for i := range n { // want `nothing in memory bounds`
		sum += cap(x[i])
	}
	for i := range n { // want `nothing in memory bounds`
		sum += int(unsafe.Sizeof(x[i]))
	}
	for i := range n { // want `nothing in memory bounds`
		for j := range s[i] { // ok
			sum += j
		}
	}
	for i := range n { // ok
		for _, v := range s[i] { // ok
			sum += v
		}
	}
	for i := range n { // ok
		sum += x[i][0]
	}
	return sum
}

func iterates(xs []int, seq func(yield func(int) bool)) (n int) {
	for range xs { // want `can run for long`
		for v := range seq { // want `can run for long`
			n += v
		}
	}
	for range xs { // want `can run for long`
		for range seq {
			break
		}
	}
	i := 0
	for range seq { // want `can run for long`
		i++
	}
	return n
}

func operands(xs []int, out chan int, compute func(int) int, done func() chan int) (n int) {
	for _, x := range xs { // want `can run for long`
		select {
		case out <- compute(x):
			n++
		default:
			n--
		}
	}
	for _, x := range xs { // want `can run for long`
		select {
		case <-done():
			return n
		default:
		}
		n += x
	}
	for _, x := range xs { // ok
		select {
		case v := <-out:
			n += v
		default:
			n += x
		}
	}
	return n
}
