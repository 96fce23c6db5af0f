package exempt

import (
	"math/bits"
	"unicode/utf8"
)

func work()

func constant() (n int) {
	for i := 0; i < 16; i++ { // ok
		n += i * i
	}
	for range 8 { // ok
		for j := 0; j <= 8; j++ { // ok
			n += j
		}
	}
	for i := 0; i < 1<<30; i++ { // want `no safepoint`
		n += i
	}
	for i := 0; i < 16; i++ { // ok: as if the calls were written out
		work()
	}
	for i := 0; i < 17; i++ { // want `it calls or contains code`
		work()
	}
	for i := 0; i < 16; i++ { // want `it calls or contains code`
		for range 4 { // ok
			work()
		}
	}
	for i := 0; i < 16; i++ { // want `no safepoint`
		i -= n
	}
	for i := 0; i < 16; i++ { // want `no safepoint`
		p := &i
		*p = 0
	}
	for i := uint8(0); i < 255; i++ { // ok
		n++
	}
	for i := uint8(0); i <= 255; i++ { // want `no safepoint`
		n++
	}
	for i := uint(16); i >= 0; i-- { // want `no safepoint`
		n++
	}
	for i := 16; i >= 0; i-- { // ok
		n++
	}
	for i := uint8(0); i < 250; i += 100 { // want `no safepoint`
		n++
	}
	return n
}

func halves(x uint64, y int) (n int) {
	for x >= 0x80 { // ok
		x >>= 7
		n++
	}
	for x != 0 { // ok
		x &= x - 1
		n += bits.Len64(x)
	}
	for y != 0 { // want `no safepoint`
		y >>= 1
	}
	for y > 0 { // ok
		y /= 10
	}
	return n
}

func data(s []int, b []byte, n int) (sum int) {
	for i := 0; i < len(s); i++ { // ok
		sum += s[i]
	}
	for i := len(s) - 1; i >= 0; i-- { // ok
		sum += s[i]
	}
	for i := 0; i < n; i++ { // ok: s[i] panics behind the end
		sum += s[i]
	}
	m := min(len(s), n)
	for i := 0; i < m; i++ { // ok
		sum++
	}
	for len(b) >= 8 { // ok
		sum += int(b[0])
		b = b[8:]
	}
	for len(s) > 0 { // ok
		s = s[:len(s)-1]
	}
	for i := 0; i < len(b); { // ok
		r, size := utf8.DecodeRune(b[i:])
		_ = r
		sum += size
		i++
	}
	for i := 0; i < len(b); { // want `no safepoint`
		_, size := utf8.DecodeRune(b[i:])
		i += size
	}
	for i := 0; i < len(s); i++ { // want `no safepoint`
		s = append(s, i)
	}
	for len(b) > 0 { // want `no safepoint`
		b = b[n:]
	}
	for i := 0; i < n; i++ { // want `no safepoint`
		if sum > 0 {
			sum -= s[i]
		}
	}
	return sum
}

func captured(s []int) {
	var i int
	bump := func() { i = 0 }
	for i = 0; i < len(s); i++ { // want `no safepoint`
		bump()
	}
	for i = 0; i < len(s); i++ { // want `no safepoint`
		s[i]++
	}
}

type lexer struct {
	input string
	pos   int
	stack []int
}

func (l *lexer) next() { l.pos = 0 }

func (l *lexer) spaces() {
	for l.pos < len(l.input) && l.input[l.pos] == ' ' { // ok
		l.pos++
	}
	for l.pos < len(l.input) { // want `no safepoint`
		l.pos++
		l.next()
	}
}

func (l *lexer) peek(i int) byte { // writes nothing
	c := l.input[i]
	c |= 0x20
	return c
}

func (l *lexer) eat() bool { l.input = l.input[:cap(l.stack)]; return true }

func (l *lexer) count(n int) (found int) {
	for i := 0; i < n; i++ { // ok
		if l.input[i] == 'x' && l.peek(i) == 'y' {
			found++
		}
	}
	for i := 0; i < n; i++ { // want `no safepoint`
		if l.input[i] == 'x' && l.eat() {
			found++
		}
	}
	return found
}

func fill(m map[int]int, k int) int {
	m[k+1000] = k
	return k
}

func growing(m map[int]int) (n int) {
	for k := range m { // want `no safepoint`
		n += fill(m, k)
	}
	return n
}

func abs(x int) int {
	if x < 0 {
		return -x
	}
	return x
}

func positive(x int) int {
	if x <= 0 {
		panic(work)
	}
	return x
}

func recovers(x int) int {
	defer func() { recover() }()
	return positive(x)
}

func never(x int) int { panic(x) }

func panics(s []int) (sum int) {
	for _, v := range s { // ok: who panics does not come round
		sum += positive(v)
	}
	for _, v := range s { // want `no safepoint`
		sum += recovers(v)
	}
	for _, v := range s { // ok: it never comes round
		sum += never(v)
	}
	return sum
}

func leafCalls(s []int) (sum int) {
	for _, v := range s { // ok: abs is short
		sum += abs(v)
	}
	return sum
}

//go:nosplit
func pragma() {
	for { // ok: it cannot hold a call
	}
}

func grows(n int) (k int) {
	for i := 1; i < 1<<20; i <<= 1 { // ok
		k++
	}
	for i := 1; i < n; i *= 2 { // want `no safepoint`
		k++
	}
	for i := 0; i < 1<<20; i *= 2 { // want `no safepoint`
		k++
	}
	c := 0
	for ; c < 8; c++ { // ok
		k += n
	}
	return k
}

func conditions(s []int, b []byte, i int) (n int) {
	for ; i >= 0 && s[i] == 0; i-- { // ok
	}
	for len(b) >= 8 { // ok
		n += int(b[0])
		b = b[8:len(b):len(b)]
	}
	for len(b) >= 8 { // want `no safepoint`
		b = b[8:cap(b)]
	}
	return n
}

func leftOver(s []int, f func()) {
	for i := 0; i < len(s); i++ { // want `no safepoint`
		if s[i] == 0 {
			f()
		}
	}
	for i := 0; i < len(s); i++ { // want `its other ways round are tight`
		switch s[i] {
		case 0: // a comment
			f()
		case 1:
			n := 0
			n++
		default:
			f()
			continue
		}
	}
	for i := 0; i < len(s); i++ { // want `it calls or contains code`
		if s[i] == 0 && cond(f) { // evaluated on every way
			f()
		}
	}
	for i := 0; i < len(s); i++ { // want `it calls or contains code`
		if s[i] == 0 {
			f()
		} else {
			f()
		}
	}
	for i := 0; i < len(s); { // want `it calls or contains code`
		if s[i] == 0 {
			f()
			i++ // on the other way, nothing moves
		}
	}
	for i := 0; i < len(s); i++ { // want `its other ways round are tight`
		if s[i] == 0 {
			for j := range s { // ok
				s[j]++
			}
		}
	}
	i := 0
	for i < len(s) { // want `its other ways round are tight`
		if s[i] == 0 { f() }
		i++
	}
}

func cond(f func()) bool { f(); return true }

func merge(a, b, out []int) (k int) {
	i, j := 0, 0
	for i < len(a) && j < len(b) { // ok: i or j moves in every round
		if a[i] < b[j] {
			i++
		} else {
			j++
		}
		k++
	}
	for i, j := 0, 0; ; { // ok: what has moved is looked at
		if a[i] < b[j] {
			if i++; i == len(a) {
				break
			}
		} else {
			if j++; j == len(b) {
				break
			}
		}
	}
	for i, j := 0, 0; i < len(a); { // want `no safepoint`
		if a[i] < k {
			i++
		} else {
			j++ // indexes nothing
		}
	}
	for i, j := 0, 0; i < len(a) && j < len(b); { // want `no safepoint`
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		} // neither, if they are equal
	}
	for i, j := 0, 0; i < len(a) && j < len(b); { // want `no safepoint`
		if a[i] < b[j] {
			i++
			j = 0
		} else {
			j++
		}
	}
	for len(a) > 0 && len(b) > 0 { // ok
		if a[0] < b[0] {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return k
}

func words(s []byte) (n int) {
	for i := 0; i < len(s); { // ok: the loops within go on where i is
		for i < len(s) && s[i] == ' ' { // ok
			i++
		}
		for i < len(s) && s[i] != ' ' { // ok
			i++
		}
		i++
		n++
	}
	for i := 0; i < len(s); i++ { // want `no safepoint`
		for j := 0; j < len(s); j++ { // ok
			n++
		}
	}
	for i := 0; i < len(s); { // want `no safepoint`
		for i < len(s) && s[i] == ' ' { // ok
			i++
		}
		i -= n
	}
	return n
}

func search(s []int, x, lo, hi int) int {
	for lo <= hi { // ok
		mid := (lo + hi) / 2
		switch {
		case s[mid] < x:
			lo = mid + 1
		case s[mid] > x:
			hi = mid - 1
		default:
			return mid
		}
	}
	for lo < hi { // ok
		mid := lo + (hi-lo)/2
		if s[mid] < x {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	for lo+8 <= hi { // ok
		mid := int(uint(lo+hi) >> 1)
		if s[mid] < x {
			lo = mid + 1
		} else {
			hi = mid - 1
		}
	}
	for lo <= hi { // want `no safepoint`
		mid := (lo + hi) >> 1
		if s[mid] < x {
			lo = mid + 1
		} else {
			hi = mid // stays where it is, if that is lo
		}
	}
	for lo < hi { // want `no safepoint`
		mid := (lo + hi) / 2 // of -1 and 0, this is 0
		if s[mid] < x {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	for lo < hi { // want `no safepoint`
		mid := (lo + hi) >> 1
		if s[mid] < x {
			lo = mid
		} else {
			hi = mid
		}
	}
	for lo <= hi { // want `no safepoint`
		mid := (lo + hi) >> 1 // may have overflowed
		if mid < x {
			lo = mid + 1
		} else {
			hi = mid - 1
		}
	}
	for lo <= hi { // want `no safepoint`
		mid := (lo + hi) >> 1
		if s[mid] < x {
			lo = mid + 1
		} else if s[mid] > x {
			hi = mid - 1
		} // neither, if it is found
	}
	for lo <= hi { // want `no safepoint`
		lo = x
		mid := (lo + hi) >> 1
		if s[mid] < x {
			lo = mid + 1
		} else {
			hi = mid - 1
		}
	}
	return lo
}

func strides(x, y []float64, n, inc, other int) (sum float64) {
	for i := 0; i < n*inc; i += inc { // ok: with a step of zero there is no round
		sum += x[i]
	}
	for i, ix := 0, 0; i < n; i++ { // ok: it may be the same one n times
		sum += x[ix]
		ix += inc
	}
	for range n { // ok
		sum += x[other]
		other += inc
	}
	for i, ix := 0, 0; i < n && ix < n; i++ { // ok
		sum += x[ix]
		ix += inc
	}
	for ix := 0; ix < n; { // want `no safepoint`
		sum += x[ix] // for ever the same one, if inc is zero
		ix += inc
	}
	for i, ix := 0, 0; i < n; i++ { // want `no safepoint`
		sum += x[ix]
		ix += inc
		n++ // for ever
	}
	for i := 0; i < n; i += inc { // want `no safepoint`
		sum += x[i] // for ever the same one, if inc is zero
	}
	for i := 0; i < len(x); i += inc { // want `no safepoint`
		sum += x[i]
	}
	for i := n; i < n*inc; i += inc { // want `no safepoint`
		sum += x[i]
	}
	for i, ix := 0, 0; i < n; i++ { // want `no safepoint`
		if sum > 0 {
			continue // nothing is indexed
		}
		sum += x[ix]
		ix += inc
	}
	for i, ix := 0, 0; i < n; i++ { // want `no safepoint`
		sum += x[ix]
		ix += inc
		ix = ix % len(x)
	}
	for i, ix := 0, 0; i < n; i++ { // want `no safepoint`
		sum += x[ix]
		ix += inc
		inc = -inc // to and fro
	}
	for i, ix := uint32(0), uint32(0); i < uint32(n); i++ { // want `no safepoint`
		sum += x[ix]
		ix += uint32(inc) // comes round
	}
	return sum
}

func checkedStrides(x []float64, n, inc, other int) (sum float64) {
	if inc == 0 {
		return 0
	}
	for i := 0; i < n; i += inc { // ok: inc is not zero
		sum += x[i]
	}
	for i := n - 1; i >= 0; i -= inc { // ok
		sum += x[i]
	}
	for i := 0; i < n; i++ { // ok
		sum += x[n+i]
	}
	for i := 0; i < n; i++ { // ok: slicing checks, too
		clear(x[:n+i])
	}
	if other <= 0 || n < 0 {
		panic("other")
	}
	for i := 0; i < n; i += other { // ok
		sum += x[i]
	}
	return sum
}

func stepLater(x []int, n, inc int) (sum int) {
	if inc == 0 {
		inc = n
	}
	for i := 0; i < n; i += inc { // want `no safepoint`
		sum += x[i]
	}
	return sum
}

func stepOnOneWay(x []int, n, inc int) (sum int) {
	if n > 3 {
		if inc == 0 {
			return
		}
	}
	for i := 0; i < n; i += inc { // want `no safepoint`
		sum += x[i]
	}
	return sum
}

func remaining(s []int, n uint) (sum int) {
	left := len(s)
	for left >= 8 { // ok
		left -= 8
		sum++
	}
	for n >= 4 { // want `no safepoint`
		n -= 8
		sum++
	}
	return sum
}
