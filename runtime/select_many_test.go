package gv_test

import (
	"context"
	"math/rand/v2"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// A Select of very many cases, in an order that is not that of the channels, takes no
// time that grows with the square of their number: that would be minutes here.
func TestSelectOfVeryManyCases(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector would take as long")
	}
	const n = 300_000
	defer watchdog(t)()
	var v int
	cases := make([]gv.Case, n)
	for i := range cases {
		cases[i] = gv.RecvCase(gv.NewChan[int](0), &v)
	}
	gv.Select(append(cases, gv.Default())...) // now the channels have an order
	rand.Shuffle(n, func(i, j int) { cases[i], cases[j] = cases[j], cases[i] })
	if chosen, err := gv.Select(append(cases, gv.Default())...); chosen != n || err != nil {
		t.Errorf("Select: %d, %v; want the Default, %d", chosen, err, n)
	}
}

// Two threads that select among the same channels, more than fit into the room on the
// stack, in opposite orders and with repetitions, don't lock each other out, and every
// value arrives once.
func TestSelectOfManyInOppositeOrders(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 2}, func(t *testing.T, rt *gv.Runtime) {
		const channels, values = 40, 500
		cs := make([]*gv.Chan[int], channels)
		for i := range cs {
			cs[i] = gv.NewChan[int](0)
		}
		sender := rt.Go(func(context.Context) error {
			for n := range values {
				var cases []gv.Case
				for _, c := range cs {
					cases = append(cases, gv.SendCase(c, n), gv.SendCase(c, n))
				}
				if _, err := gv.Select(cases...); err != nil {
					return err
				}
			}
			return nil
		})
		receiver := rt.Go(func(context.Context) error {
			for want := range values {
				got := -1
				var cases []gv.Case
				for i := range cs {
					cases = append(cases, gv.RecvCase(cs[channels-1-i], &got))
				}
				if _, err := gv.Select(cases...); err != nil {
					return err
				}
				if got != want {
					t.Errorf("received %d, want %d", got, want)
				}
			}
			return nil
		})
		if err := waitAll([]*gv.Thread{sender, receiver}); err != nil {
			t.Error(err)
		}
	})
}
