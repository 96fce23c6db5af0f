package gv_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// untilSenders and untilReceivers wait until n are queued at c.
func untilSenders[T any](c *gv.Chan[T], n int) {
	until(func() bool { s, _ := c.Waiting(); return s == n })
}

func untilReceivers[T any](c *gv.Chan[T], n int) {
	until(func() bool { _, r := c.Waiting(); return r == n })
}

func TestChanBlocksWhenEmptyAndWhenFull(t *testing.T) {
	for _, capacity := range []int{0, 1, 2, 7} {
		t.Run(fmt.Sprint(capacity), func(t *testing.T) {
			forEachCrew(t, func(t *testing.T, g *crew) {
				c := gv.NewChan[int](capacity)
				if _, err := c.TryRecv(); err != gv.ErrEmpty {
					t.Errorf("TryRecv of an empty Chan: %v", err)
				}
				for range 2 {
					g.start(func() {
						if v, err := c.Recv(); v != 1 || err != nil {
							t.Errorf("Recv: %v, %v", v, err)
						}
					})
				}
				untilReceivers(c, 2)
				for range 2 {
					if err := c.Send(1); err != nil {
						t.Errorf("Send to a receiver: %v", err)
					}
				}
				g.wait()

				for i := range capacity {
					if err := c.TrySend(i); err != nil {
						t.Fatalf("TrySend %d: %v", i, err)
					}
				}
				if err := c.TrySend(-1); err != gv.ErrFull {
					t.Errorf("TrySend to a full Chan: %v", err)
				}
				if c.Len() != capacity || c.Cap() != capacity {
					t.Errorf("Len %d, Cap %d", c.Len(), c.Cap())
				}
				g.start(func() {
					if err := c.Send(capacity); err != nil {
						t.Errorf("Send: %v", err)
					}
				})
				untilSenders(c, 1)
				for i := range capacity + 1 {
					if v, err := c.Recv(); v != i || err != nil {
						t.Errorf("Recv %d: %v, %v", i, v, err)
					}
				}
			})
		})
	}
}

func TestChanServesWaitersInOrder(t *testing.T) {
	const n = 20
	forEachCrew(t, func(t *testing.T, g *crew) {
		c := gv.NewChan[int](0)
		got := make([]int, n)
		for i := range n {
			g.start(func() { got[i], _ = c.Recv() })
			untilReceivers(c, i+1)
		}
		for i := range n {
			c.Send(i)
		}
		g.wait()
		for i, v := range got {
			if v != i {
				t.Fatalf("receivers got %v in the order in which they came", got)
			}
		}

		for i := range n {
			g.start(func() { c.Send(i) })
			untilSenders(c, i+1)
		}
		for i := range n {
			if v, _ := c.Recv(); v != i {
				t.Fatalf("received %d from sender %d", v, i)
			}
		}
	})
}

// More wait at a time than there are spare nodes.
func TestChanManyWaiters(t *testing.T) {
	const n = 600
	forEachCrew(t, func(t *testing.T, g *crew) {
		c := gv.NewChan[int](0)
		for range 2 {
			var sum atomic.Int64
			for range n {
				g.start(func() {
					v, _ := c.Recv()
					sum.Add(int64(v))
				})
			}
			untilReceivers(c, n)
			for i := range n {
				c.Send(i)
			}
			g.wait()
			if sum.Load() != n*(n-1)/2 {
				t.Errorf("received %d in all, want %d", sum.Load(), n*(n-1)/2)
			}
		}
	})
}

func TestChanPassesEachValueOnceInOrder(t *testing.T) {
	const senders, receivers, each = 4, 4, 500
	for _, capacity := range []int{0, 1, 10} {
		t.Run(fmt.Sprint(capacity), func(t *testing.T) {
			forEachCrew(t, func(t *testing.T, g *crew) {
				c := gv.NewChan[[2]int](capacity)
				for s := range senders {
					g.start(func() {
						for i := range each {
							if err := c.Send([2]int{s, i}); err != nil {
								t.Error(err)
							}
						}
					})
				}
				var got [receivers][senders][]int
				for r := range receivers {
					g.start(func() {
						for range senders * each / receivers {
							v, err := c.Recv()
							if err != nil {
								t.Error(err)
							}
							got[r][v[0]] = append(got[r][v[0]], v[1])
						}
					})
				}
				g.wait()
				for s := range senders {
					var all []int
					for r := range receivers {
						if !slices.IsSorted(got[r][s]) {
							t.Errorf("receiver %d got the values of sender %d out of order", r, s)
						}
						all = append(all, got[r][s]...)
					}
					slices.Sort(all)
					for i, v := range all {
						if v != i {
							t.Fatalf("sender %d: value %d came as often as not once", s, i)
						}
					}
					if len(all) != each {
						t.Errorf("sender %d: %d values of %d came", s, len(all), each)
					}
				}
			})
		})
	}
}

func TestChanClose(t *testing.T) {
	forEachCrew(t, func(t *testing.T, g *crew) {
		// Receivers that wait are told.
		c := gv.NewChan[int](2)
		for range 3 {
			g.start(func() {
				if v, err := c.Recv(); v != 0 || err != gv.ErrClosed {
					t.Errorf("Recv while closed: %v, %v", v, err)
				}
			})
		}
		untilReceivers(c, 3)
		c.Close()
		g.wait()

		// Senders that wait are told, and what was in the buffer stays.
		c = gv.NewChan[int](2)
		c.Send(1)
		c.Send(2)
		for range 3 {
			g.start(func() {
				if err := c.Send(3); !errors.Is(err, gv.ErrClosed) {
					t.Errorf("Send while closed: %v", err)
				}
			})
		}
		untilSenders(c, 3)
		c.Close()
		g.wait()
		for _, want := range []int{1, 2} {
			if v, err := c.Recv(); v != want || err != nil {
				t.Errorf("Recv from a closed Chan with values: %v, %v", v, err)
			}
		}
		if v, err := c.Recv(); v != 0 || err != gv.ErrClosed {
			t.Errorf("Recv from a closed Chan: %v, %v", v, err)
		}
		if v, err := c.TryRecv(); v != 0 || err != gv.ErrClosed {
			t.Errorf("TryRecv from a closed Chan: %v, %v", v, err)
		}
	})
}

func TestChanMisuse(t *testing.T) {
	forEachCrew(t, func(t *testing.T, g *crew) {
		g.start(func() {
			mustPanic(t, "gv: NewChan: negative capacity -1", func() { gv.NewChan[int](-1) })
			mustPanic(t, "gv: close of nil Chan", func() { (*gv.Chan[int])(nil).Close() })
			c := gv.NewChan[int](1)
			c.Close()
			mustPanic(t, "gv: close of closed Chan", c.Close)
			for _, test := range []struct {
				err  error
				want string
			}{
				{c.Send(1), "gv: send: gv: channel closed"},
				{c.TrySend(1), "gv: try to send: gv: channel closed"},
			} {
				if !errors.Is(test.err, gv.ErrClosed) || test.err.Error() != test.want {
					t.Errorf("error %q, want %q", test.err, test.want)
				}
			}
			if c.Len() != 0 {
				t.Error("a value got into a closed Chan")
			}
		})
	})
}

func TestChanZeroValueIsUnbuffered(t *testing.T) {
	forEachCrew(t, func(t *testing.T, g *crew) {
		var c gv.Chan[string]
		if err := c.TrySend(""); err != gv.ErrFull {
			t.Errorf("TrySend: %v", err)
		}
		g.start(func() { c.Send("x") })
		if v, err := c.Recv(); v != "x" || err != nil {
			t.Errorf("Recv: %q, %v", v, err)
		}
	})
}

func TestChanNil(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		var c *gv.Chan[int]
		if c.Len() != 0 || c.Cap() != 0 {
			t.Error("a nil Chan has room")
		}
		if err := c.TrySend(1); err != gv.ErrFull {
			t.Errorf("TrySend: %v", err)
		}
		if _, err := c.TryRecv(); err != gv.ErrEmpty {
			t.Errorf("TryRecv: %v", err)
		}
		cause := errors.New("cause")
		for name, op := range map[string]func() error{
			"Send": func() error { return c.Send(1) },
			"Recv": func() error { _, err := c.Recv(); return err },
		} {
			th := rt.Go(func(context.Context) error { return op() })
			until(func() bool { return th.State() == gv.StateBlocked })
			th.Cancel(cause)
			if err := th.Wait(); !errors.Is(err, gv.ErrCancelled) || !errors.Is(err, cause) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestChanAll(t *testing.T) {
	forEachCrew(t, func(t *testing.T, g *crew) {
		c := gv.NewChan[int](3)
		g.start(func() {
			for i := range 100 {
				c.Send(i)
			}
			c.Close()
		})
		want := 0
		for v := range c.All() {
			if v != want {
				t.Fatalf("got %d, want %d", v, want)
			}
			want++
		}
		if want != 100 {
			t.Errorf("%d values", want)
		}

		c = gv.NewChan[int](3)
		for i := range 3 {
			c.Send(i)
		}
		for range c.All() {
			break
		}
		if c.Len() != 2 {
			t.Errorf("%d values left after the first was taken", c.Len())
		}
	})
}

func TestChanAllEndsWithCancellation(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		c := gv.NewChan[int](0)
		th := rt.Go(func(ctx context.Context) error {
			for range c.All() {
			}
			return context.Cause(ctx)
		})
		untilReceivers(c, 1)
		th.Cancel(nil)
		if err := th.Wait(); !errors.Is(err, gv.ErrCancelled) {
			t.Errorf("Wait: %v", err)
		}
		if _, receivers := c.Waiting(); receivers != 0 {
			t.Error("a cancelled receiver is still queued")
		}
	})
}

func TestChanOfInterfaces(t *testing.T) {
	c := gv.NewChan[error](2)
	c.Send(nil)
	c.Send(gv.ErrFull)
	if v, err := c.Recv(); v != nil || err != nil {
		t.Errorf("%v, %v", v, err)
	}
	if v, err := c.Recv(); v != gv.ErrFull || err != nil {
		t.Errorf("%v, %v", v, err)
	}
}

// A value that sits in a buffered Chan is never missed by TryRecv, however
// sending and receiving interleave.
func TestChanTryRecvFindsWhatWasSent(t *testing.T) {
	forEachCrew(t, func(t *testing.T, g *crew) {
		for range 300 {
			c := gv.NewChan[int](1)
			c.Send(1)
			g.start(func() {
				// The value is there, or the one that replaces it.
				if _, err := c.TryRecv(); err != nil {
					t.Errorf("TryRecv: %v", err)
				}
			})
			g.start(func() { c.TrySend(2) })
			g.wait()
		}
	})
}

func TestChanWaitsDoNotAllocate(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		ping, pong := gv.NewChan[int](0), gv.NewChan[int](0)
		echo := rt.Go(func(context.Context) error {
			for v := range ping.All() {
				pong.Send(v)
			}
			return nil
		})
		err := rt.Run(func(context.Context) error {
			allocs := testing.AllocsPerRun(500, func() {
				ping.Send(1)
				pong.Recv()
			})
			if allocs != 0 {
				t.Errorf("%v allocations for a message and its answer", allocs)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		ping.Close()
		echo.Wait()

		c := gv.NewChan[int](1)
		allocs := testing.AllocsPerRun(500, func() {
			c.Send(1)
			c.Recv()
		})
		if allocs != 0 {
			t.Errorf("%v allocations for a value in the buffer", allocs)
		}
	})
}
