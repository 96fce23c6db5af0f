package gv

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// A list has its nodes in the order of their arrivals, whatever was put in and taken out, and
// nothing of a node that was taken out.
func TestWaitList(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var list, other numberedList[waitDetail]
	var in, out []*waitNode[waitDetail]
	for range 8 {
		out = append(out, new(waitNode[waitDetail]))
	}
	for step := range 20_000 {
		if i := random.IntN(8); i < len(out) {
			n := out[i]
			out = slices.Delete(out, i, i+1)
			if list.remove(n) {
				t.Fatalf("step %d: a node was taken out twice", step)
			}
			if n.arrival == 0 || random.IntN(2) == 0 {
				list.push(n)
				in = append(in, n)
			} else { // back to where it has been
				list.insert(n)
				at := slices.IndexFunc(in, func(m *waitNode[waitDetail]) bool { return m.arrival > n.arrival })
				if at < 0 {
					at = len(in)
				}
				in = slices.Insert(in, at, n)
			}
		} else {
			i = random.IntN(len(in))
			n := in[i]
			in = slices.Delete(in, i, i+1)
			if other.remove(n) || !list.remove(n) || n.in != nil || n.next != nil || n.prev != nil {
				t.Fatalf("step %d: taken out of a list: %+v", step, n)
			}
			out = append(out, n)
		}
		got := []*waitNode[waitDetail]{}
		for n := list.first; n != nil; n = n.next {
			got = append(got, n)
		}
		if !slices.Equal(got, in) {
			t.Fatalf("step %d: the list has %v, want %v", step, got, in)
		}
	}
}
