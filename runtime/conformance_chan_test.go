package gv_test

import (
	goruntime "runtime"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// What Go's own tests ask of chan and select, as far as the tests of Chan and
// Select don't ask it in their own words.

// A Select does not take its Default while one of its channels is ready, though it
// be one at first and then the other: it looks at all of them at one moment.
func TestSelectWithDefaultLooksAtOneMoment(t *testing.T) {
	const rounds = 2000
	for name, change := range map[string]func(a, b *gv.Chan[int]){
		"send":  func(a, b *gv.Chan[int]) { b.TrySend(1); a.TryRecv() },
		"close": func(a, b *gv.Chan[int]) { b.Close(); a.TryRecv() },
	} {
		t.Run(name, func(t *testing.T) {
			forEachCrew(t, func(t *testing.T, g *crew) {
				for range rounds {
					a, b := gv.NewChan[int](1), gv.NewChan[int](1)
					a.Send(1)
					g.start(func() {
						if chosen, _ := gv.Select(gv.RecvCase[int](a, nil), gv.RecvCase[int](b, nil), gv.Default()); chosen == 2 {
							t.Error("the Default was chosen though one of the channels was ready at every moment")
						}
					})
					change(a, b)
					g.wait()
				}
			})
		})
	}
}

// Of two sends to the same Chan that could go ahead each is chosen at times.
func TestSelectSendsAtRandom(t *testing.T) {
	for _, capacity := range []int{0, 1, 10} {
		forEachCrew(t, func(t *testing.T, g *crew) {
			const n = 200 // none of one kind: 1 in 2^199
			c := gv.NewChan[int](capacity)
			g.start(func() {
				for range n {
					gv.Select(gv.SendCase(c, 0), gv.SendCase(c, 1))
				}
			})
			var seen [2]int
			for range n {
				v, _ := c.Recv()
				seen[v]++
			}
			if seen[0] == 0 || seen[1] == 0 {
				t.Errorf("capacity %d: the first was chosen %d times, the second %d", capacity, seen[0], seen[1])
			}
			g.wait()
		})
	}
}

// A Chan is a lock: what is written before a send can be read after the receive,
// and, where the buffer is full, what is written before a receive after the send
// that it makes room for. The race detector sees what is not so.
func TestChanIsALock(t *testing.T) {
	const members, rounds = 8, 200
	for name, test := range map[string]struct {
		capacity     int
		lock, unlock func(c *gv.Chan[struct{}])
	}{
		"send to lock":    {1, func(c *gv.Chan[struct{}]) { c.Send(struct{}{}) }, func(c *gv.Chan[struct{}]) { c.Recv() }},
		"receive to lock": {1, func(c *gv.Chan[struct{}]) { c.Recv() }, func(c *gv.Chan[struct{}]) { c.Send(struct{}{}) }},
		"select to lock":  {1, func(c *gv.Chan[struct{}]) { gv.Select(gv.RecvCase(c, nil)) }, func(c *gv.Chan[struct{}]) { gv.Select(gv.SendCase(c, struct{}{})) }},
	} {
		t.Run(name, func(t *testing.T) {
			forEachCrew(t, func(t *testing.T, g *crew) {
				c := gv.NewChan[struct{}](test.capacity)
				if name != "send to lock" {
					c.Send(struct{}{})
				}
				n := 0
				for range members {
					g.start(func() {
						for i := range rounds {
							test.lock(c)
							n++
							if i%10 == 0 {
								gv.Yield()
							}
							test.unlock(c)
						}
					})
				}
				g.wait()
				if n != members*rounds {
					t.Errorf("counted to %d, want %d", n, members*rounds)
				}
			})
		})
	}
}

// Stacks shrink and move while their threads wait to send and to receive, and
// nothing of the values is lost by that.
func TestChanWhileStacksShrink(t *testing.T) {
	type large struct {
		n    int
		p    *int
		rest [30]int
	}
	forEachCrew(t, func(t *testing.T, g *crew) {
		const n = 50
		c := gv.NewChan[large](0)
		check := func(v large) {
			if v.p == nil || *v.p != v.n || v.rest[29] != v.n {
				t.Errorf("received %d, %v, %d", v.n, v.p, v.rest[29])
			}
		}
		for i := range n {
			g.start(func() {
				deepen(100)
				v := large{n: i, p: new(int)}
				*v.p, v.rest[29] = i, i
				c.Send(v)
			})
		}
		untilSenders(c, n)
		goruntime.GC()
		goruntime.GC()
		for range n {
			v, _ := c.Recv()
			check(v)
		}
		g.wait()
		for range n {
			g.start(func() {
				deepen(100)
				var v large
				if _, err := gv.Select(gv.RecvCase(c, &v)); err != nil {
					t.Error(err)
				}
				check(v)
			})
		}
		untilReceivers(c, n)
		goruntime.GC()
		goruntime.GC()
		for i := range n {
			v := large{n: i, p: new(int)}
			*v.p, v.rest[29] = i, i
			c.Send(v)
		}
		g.wait()
	})
}
