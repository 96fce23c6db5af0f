package gv_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

func TestSelectTakesWhatIsReady(t *testing.T) {
	closed := gv.NewChan[int](1)
	closed.Send(5)
	closed.Close()
	drained := gv.NewChan[int](0)
	drained.Close()
	empty, full, one := gv.NewChan[int](1), gv.NewChan[string](0), gv.NewChan[int](2)
	one.Send(1)
	var v int
	for _, test := range []struct {
		name   string
		cases  []gv.Case
		chosen int
		err    error
		v      int
	}{
		{"default only", []gv.Case{gv.Default()}, 0, nil, -1},
		{"nothing ready", []gv.Case{gv.RecvCase(empty, &v), gv.SendCase(full, ""), gv.Default()}, 2, nil, -1},
		{"nil channels", []gv.Case{gv.RecvCase(nil, &v), gv.SendCase[int](nil, 1), {}, gv.Default()}, 3, nil, -1},
		{"receive", []gv.Case{gv.RecvCase(empty, &v), gv.RecvCase(one, &v), gv.Default()}, 1, nil, 1},
		{"send", []gv.Case{gv.SendCase(full, ""), gv.SendCase(empty, 1)}, 1, nil, -1},
		{"closed with a value", []gv.Case{gv.RecvCase(closed, &v), gv.RecvCase(nil, &v)}, 0, nil, 5},
		{"closed", []gv.Case{gv.RecvCase(drained, &v)}, 0, gv.ErrClosed, 0},
		{"send to closed", []gv.Case{gv.SendCase(full, ""), gv.SendCase(drained, 1)}, 1, gv.ErrClosed, -1},
		{"receive nowhere", []gv.Case{gv.RecvCase[int](empty, nil)}, 0, nil, -1},
	} {
		t.Run(test.name, func(t *testing.T) {
			v = -1
			chosen, err := gv.Select(test.cases...)
			if chosen != test.chosen || !errors.Is(err, test.err) || (err == nil) != (test.err == nil) {
				t.Errorf("Select: %d, %v; want %d, %v", chosen, err, test.chosen, test.err)
			}
			if v != test.v {
				t.Errorf("received %d, want %d", v, test.v)
			}
		})
	}
	_, err := gv.Select(gv.SendCase(drained, 1))
	if want := "gv: send in select: gv: channel closed"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
	mustPanic(t, "gv: Select with two Default cases, 0 and 2", func() {
		gv.Select(gv.Default(), gv.RecvCase(empty, &v), gv.Default())
	})
}

func TestSelectWaits(t *testing.T) {
	forEachCrew(t, func(t *testing.T, g *crew) {
		numbers, words, never := gv.NewChan[int](0), gv.NewChan[error](0), gv.NewChan[int](0)
		for name, test := range map[string]struct {
			act    func()
			chosen int
			err    error
			n      int
			word   error
		}{
			"send":       {func() { numbers.Send(7) }, 0, nil, 7, gv.ErrFull},
			"send nil":   {func() { words.Send(nil) }, 1, nil, -1, nil},
			"receive":    {func() { never.Recv() }, 2, nil, -1, gv.ErrFull},
			"close recv": {func() { words.Close() }, 1, gv.ErrClosed, -1, nil},
			"close send": {func() { never.Close() }, 2, gv.ErrClosed, -1, gv.ErrFull},
		} {
			numbers, words, never = gv.NewChan[int](0), gv.NewChan[error](0), gv.NewChan[int](0)
			g.start(func() {
				n, word := -1, gv.ErrFull
				chosen, err := gv.Select(gv.RecvCase(numbers, &n), gv.RecvCase(words, &word), gv.SendCase(never, 1))
				if chosen != test.chosen || !errors.Is(err, test.err) || (err == nil) != (test.err == nil) {
					t.Errorf("%s: %d, %v", name, chosen, err)
				}
				if n != test.n || word != test.word {
					t.Errorf("%s: received %d, %v", name, n, word)
				}
			})
			untilReceivers(numbers, 1)
			test.act()
			g.wait()
			s, r := never.Waiting()
			_, r1 := numbers.Waiting()
			_, r2 := words.Waiting()
			if s+r+r1+r2 != 0 {
				t.Errorf("%s: Select has left waits behind", name)
			}
		}
	})
}

// A Select that sends and receives on one Chan does not meet itself.
func TestSelectDoesNotMeetItself(t *testing.T) {
	const rounds = 500
	for _, capacity := range []int{0, 10} {
		t.Run(fmt.Sprint(capacity), func(t *testing.T) {
			forEachCrew(t, func(t *testing.T, g *crew) {
				c := gv.NewChan[int](capacity)
				var sent, received [2]int
				for me := range 2 {
					g.start(func() {
						for range rounds {
							var v int
							switch chosen, err := gv.Select(gv.SendCase(c, me), gv.RecvCase(c, &v)); {
							case err != nil:
								t.Error(err)
							case chosen == 0:
								sent[me]++
							default:
								received[me]++
								if capacity == 0 && v == me {
									t.Errorf("%d has received its own value", me)
								}
							}
						}
					})
				}
				g.wait()
				if left := sent[0] + sent[1] - received[0] - received[1]; left != c.Len() {
					t.Errorf("%d values left, want %d", c.Len(), left)
				}
			})
		})
	}
}

func TestSelectOfOneChanTwice(t *testing.T) {
	forEachCrew(t, func(t *testing.T, g *crew) {
		c := gv.NewChan[int](0)
		for range 100 {
			g.start(func() {
				var a, b int
				chosen, err := gv.Select(gv.RecvCase(c, &a), gv.RecvCase(c, &b))
				if err != nil || a+b != 1 || chosen != b {
					t.Errorf("chosen %d, received %d and %d, %v", chosen, a, b, err)
				}
			})
			untilReceivers(c, 2)
			c.Send(1)
			g.wait()
			if _, r := c.Waiting(); r != 0 {
				t.Fatal("the other wait was left behind")
			}
		}
	})
}

// Of several ready cases each is chosen about as often as the others. Of 3,000
// choices among 3, one that is chosen less than 800 times would be 7.7 standard
// deviations off.
func TestSelectIsFair(t *testing.T) {
	a, b, c := gv.NewChan[int](0), gv.NewChan[int](0), gv.NewChan[int](4000)
	a.Close()
	b.Close()
	var v int
	var n [3]int
	for range 3000 {
		chosen, _ := gv.Select(gv.RecvCase(a, &v), gv.RecvCase(b, &v), gv.SendCase(c, 1))
		n[chosen]++
	}
	for i, n := range n {
		if n < 800 {
			t.Errorf("case %d was chosen %d times of 3000", i, n)
		}
	}
}

func TestSelectOfManyChannels(t *testing.T) {
	const n = 100
	forEachCrew(t, func(t *testing.T, g *crew) {
		var cs [n]*gv.Chan[int]
		var got [n]int
		var cases []gv.Case
		for i := range cs {
			cs[i] = gv.NewChan[int](0)
			cases = append(cases, gv.RecvCase(cs[i], &got[i]))
		}
		g.start(func() {
			for range n {
				chosen, err := gv.Select(cases...)
				if err != nil || got[chosen] != chosen+1 {
					t.Errorf("%d, %v: received %d", chosen, err, got[chosen])
				}
			}
		})
		for _, i := range rand.Perm(n) {
			cs[i].Send(i + 1)
		}
	})
}

func TestSelectCancelled(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		cause := errors.New("cause")
		a, b := gv.NewChan[int](0), gv.NewChan[int](0)
		check := func(chosen int, err error) error {
			if chosen != -1 || !errors.Is(err, gv.ErrCancelled) || !errors.Is(err, cause) {
				t.Errorf("Select in a cancelled thread: %d, %v", chosen, err)
			}
			return nil
		}
		for name, cases := range map[string][]gv.Case{
			"none":      nil,
			"nil":       {gv.RecvCase[int](nil, nil)},
			"two":       {gv.RecvCase(a, new(int)), gv.SendCase(b, 1)},
			"same":      {gv.RecvCase(a, new(int)), gv.SendCase(a, 1)},
			"never set": {{}},
		} {
			th := rt.Go(func(context.Context) error {
				check(gv.Select(cases...))
				// And before the call.
				ready := gv.NewChan[int](1)
				check(gv.Select(gv.SendCase(ready, 1)))
				if ready.Len() != 0 {
					t.Error("a cancelled Select has sent")
				}
				// With a Default it doesn't look.
				if chosen, err := gv.Select(gv.SendCase(ready, 1), gv.Default()); chosen != 0 || err != nil {
					t.Errorf("Select with a Default: %d, %v", chosen, err)
				}
				return nil
			})
			until(func() bool { return th.State() == gv.StateBlocked })
			th.Cancel(cause)
			if err := th.Wait(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, c := range []*gv.Chan[int]{a, b} {
			if s, r := c.Waiting(); s+r != 0 {
				t.Error("a cancelled Select is still queued")
			}
		}
	})
}

// Selects over the same channels in all orders pass all values and never lock
// each other out.
func TestSelectStress(t *testing.T) {
	const each = 300
	forEachCrew(t, func(t *testing.T, g *crew) {
		var cs [4]*gv.Chan[int]
		for i := range cs {
			cs[i] = gv.NewChan[int](i % 2)
		}
		const members = 6
		var sums [members]int
		for m := range members {
			g.start(func() {
				r := rand.New(rand.NewPCG(uint64(m/2), 1))
				cases := make([]gv.Case, len(cs))
				for i := range each {
					var v int
					order := r.Perm(len(cs))
					for at, c := range order {
						if m%2 == 0 {
							cases[at] = gv.SendCase(cs[c], i)
						} else {
							cases[at] = gv.RecvCase(cs[c], &v)
						}
					}
					if _, err := gv.Select(cases...); err != nil {
						t.Error(err)
					}
					if m%2 == 0 {
						sums[m] += i
					} else {
						sums[m] -= v
					}
				}
			})
		}
		g.wait()
		total := 0
		for _, s := range sums {
			total += s
		}
		if total != 0 {
			t.Errorf("sent and received values differ by %d", total)
		}
	})
}

func TestSelectDoesNotAllocate(t *testing.T) {
	forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
		a, b, answers := gv.NewChan[*int](0), gv.NewChan[*int](0), gv.NewChan[int](0)
		rt.Go(func(context.Context) error {
			var v *int
			for {
				if _, err := gv.Select(gv.RecvCase(a, &v), gv.RecvCase(b, &v)); err != nil {
					return nil
				}
				answers.Send(*v)
			}
		})
		rt.Run(func(context.Context) error {
			x := 1
			var v int
			allocs := testing.AllocsPerRun(500, func() {
				gv.Select(gv.SendCase(a, &x), gv.SendCase(b, &x))
				gv.Select(gv.RecvCase(answers, &v))
			})
			if allocs != 0 {
				t.Errorf("%v allocations", allocs)
			}
			a.Close()
			return nil
		})
	})
}
