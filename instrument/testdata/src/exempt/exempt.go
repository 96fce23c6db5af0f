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
	for i := 0; i < 16; i++ { // want `it calls or contains code`
		work()
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

func abs(x int) int {
	if x < 0 {
		return -x
	}
	return x
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
}
