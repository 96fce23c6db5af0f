package main

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"fmt"
	"io"
	"math"
	"strconv"
)

// The actions here compute, without a safepoint, something whose result is
// known. What disturbs registers, stacks or memory shows in it.

// step is one step of a random number generator.
func step(x uint64) uint64 { return x*6364136223846793005 + 1442695040888963407 }

// steps does n of them, in a loop that only a signal can stop.
func steps(x uint64, n int) uint64 {
	for range n {
		x = step(x)
	}
	return x
}

// leap does n of them at once.
func leap(x uint64, n int) uint64 {
	a, c := uint64(6364136223846793005), uint64(1442695040888963407)
	for ; n > 0; n >>= 1 {
		if n&1 != 0 {
			x = x*a + c
		}
		a, c = a*a, a*c+c
	}
	return x
}

// spin computes in integers.
func spin(a *actor) error {
	from, n := a.r.Uint64(), a.r.IntN(choose(a.r, 10_000, 1_000_000, 10_000_000))
	if got, want := steps(from, n), leap(from, n); got != want {
		a.w.r.violation("%d steps from %#x gave %#x, not %#x", n, from, got, want)
	}
	return nil
}

// waves adds up sines.
func waves(n int) (sum, product float64) {
	product = 1
	for i := range n {
		sum += math.Sin(float64(i)) * math.Sqrt(float64(i))
		product *= 1 + 1/float64(i*i+1)
	}
	return sum, product
}

const waveCount = 20_000

var waveSum, waveProduct = waves(waveCount)

// float computes in floating point.
func float(a *actor) error {
	for range 1 + a.r.IntN(10) {
		if sum, product := waves(waveCount); sum != waveSum || product != waveProduct {
			a.w.r.violation("floating point: %v and %v, not %v and %v", sum, product, waveSum, waveProduct)
		}
	}
	return nil
}

// text is something to work on.
var text = func() []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < 1<<18; i++ {
		fmt.Fprintf(&b, "line %d of the text, %x\n", i, steps(uint64(i), 3))
	}
	return b.Bytes()
}()

// parts are hashes of its beginnings.
var parts = func() (sums [8][sha256.Size]byte) {
	for i := range sums {
		sums[i] = sha256.Sum256(text[:len(text)>>i])
	}
	return sums
}()

// hash runs assembly, which a signal can't stop.
func hash(a *actor) error {
	i := a.r.IntN(len(parts))
	if got := sha256.Sum256(text[:len(text)>>i]); got != parts[i] {
		a.w.r.violation("sha256 of part %d is %x, not %x", i, got, parts[i])
	}
	return nil
}

// compress compresses and expands.
func compress(a *actor) error {
	plain := text[:len(text)>>(1+a.r.IntN(5))]
	var b bytes.Buffer
	fw, err := flate.NewWriter(&b, 1+a.r.IntN(9))
	if err == nil {
		_, err = fw.Write(plain)
	}
	if err == nil {
		err = fw.Close()
	}
	if err != nil {
		a.w.r.violation("compress: %v", err)
		return nil
	}
	if again, err := io.ReadAll(flate.NewReader(&b)); err != nil || !bytes.Equal(again, plain) {
		a.w.r.violation("expanded text differs: %v", err)
	}
	return nil
}

// A node is a part of a list that allocate makes.
type node struct {
	next *node
	n    uint64
	pad  []byte
}

// allocate makes garbage, and something that isn't.
func allocate(a *actor) error {
	n := 100 + a.r.IntN(2000)
	var list *node
	for i := range n {
		list = &node{next: list, n: uint64(i), pad: make([]byte, i%257)}
		if i%257 > 0 {
			list.pad[0] = byte(i)
		}
	}
	for i := n - 1; list != nil; list, i = list.next, i-1 {
		if list.n != uint64(i) || i%257 > 0 && list.pad[0] != byte(i) {
			a.w.r.violation("a list changed: %d at %d", list.n, i)
		}
	}
	return nil
}

// mapWork fills maps with strings and takes them out.
func mapWork(a *actor) error {
	m := make(map[string]int)
	n := 100 + a.r.IntN(2000)
	for i := range n {
		m[strconv.Itoa(i)] = i
	}
	sum := 0
	for k, v := range m {
		if k != strconv.Itoa(v) {
			a.w.r.violation("a map gave %q for %d", k, v)
		}
		sum += v
		delete(m, k)
	}
	if sum != n*(n-1)/2 || len(m) != 0 {
		a.w.r.violation("a map of %d added up to %d, and %d are left", n, sum, len(m))
	}
	return nil
}
