package gv_test

import (
	"context"
	"errors"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// Of the cases that are ready the first is chosen, each time.
func TestSelectInOrder(t *testing.T) {
	const rounds = 50
	forEachCaller(t, func(t *testing.T, rt *gv.Runtime) {
		urgent, normal, full, closed := gv.NewChan[int](rounds), gv.NewChan[int](rounds), gv.NewChan[int](0), gv.NewChan[int](0)
		closed.Close()
		for i := range rounds {
			urgent.Send(i)
			normal.Send(-i)
		}
		v := 0
		cases := []gv.Case{gv.Default(), {}, gv.SendCase(full, 1), gv.RecvCase(urgent, &v), gv.RecvCase(normal, &v), gv.RecvCase(closed, &v)}
		for i := range 2*rounds + 10 {
			chosen, err := gv.SelectInOrder(cases...)
			switch {
			case i < rounds:
				if chosen != 3 || err != nil || v != i {
					t.Errorf("round %d: case %d, error %v, value %d", i, chosen, err, v)
				}
			case i < 2*rounds:
				if chosen != 4 || err != nil || v != rounds-i {
					t.Errorf("round %d: case %d, error %v, value %d", i, chosen, err, v)
				}
			default:
				if chosen != 5 || err != gv.ErrClosed {
					t.Errorf("round %d: case %d, error %v", i, chosen, err)
				}
			}
		}
		if chosen, err := gv.SelectInOrder(cases[:5]...); chosen != 0 || err != nil {
			t.Errorf("case %d, error %v, want the default", chosen, err)
		}
	})
}

// It waits as Select does: for whichever is ready next, and up to a cancellation.
func TestSelectInOrderWaits(t *testing.T) {
	forEachCrew(t, func(t *testing.T, c *crew) {
		first, second := gv.NewChan[int](0), gv.NewChan[int](0)
		c.start(func() {
			v := 0
			if chosen, err := gv.SelectInOrder(gv.RecvCase(first, &v), gv.RecvCase(second, &v)); chosen != 1 || err != nil || v != 7 {
				t.Errorf("case %d, error %v, value %d", chosen, err, v)
			}
		})
		untilReceivers(first, 1)
		second.Send(7)
		c.wait()

		th := c.rt.Go(func(context.Context) error {
			chosen, err := gv.SelectInOrder(gv.RecvCase(first, nil))
			if chosen != -1 {
				t.Errorf("case %d", chosen)
			}
			return err
		})
		untilReceivers(first, 1)
		cause := errors.New("cause")
		th.Cancel(cause)
		if err := th.Wait(); !errors.Is(err, cause) || !errors.Is(err, gv.ErrCancelled) {
			t.Errorf("error %v", err)
		}
	})
}
