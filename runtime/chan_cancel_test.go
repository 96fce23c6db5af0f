package gv_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	goruntime "runtime"
	"sync"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// Threads that send and receive, plainly and by Select, are cancelled at random
// moments. Every value whose send succeeded is received once or still in the
// buffer, and no value whose send failed is.
func TestChanCancellationLosesNothing(t *testing.T) {
	const senders, receivers = 8, 8
	yields := 30
	if goruntime.GOMAXPROCS(0) == 1 {
		// On the Portable engine, each is 10 ms and more, while senders and receivers make one
		// another runnable.
		yields = 4
	}
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
				random := rand.New(rand.NewPCG(seed, 1))
				for _, capacity := range []int{0, 1, 3} {
					a, b := gv.NewChan[int](capacity), gv.NewChan[int](capacity)
					var mu sync.Mutex
					sent, received := map[int]bool{}, map[int]int{}

					send := func(id int) func(context.Context) error {
						return func(context.Context) error {
							for i := 0; ; i++ {
								v := i*senders + id
								var err error
								switch i % 3 {
								case 0:
									err = a.Send(v)
								case 1:
									err = b.Send(v)
								default:
									_, err = gv.Select(gv.SendCase(a, v), gv.SendCase(b, v))
								}
								mu.Lock()
								sent[v] = err == nil
								mu.Unlock()
								if err != nil {
									return err
								}
							}
						}
					}
					receive := func(context.Context) error {
						for i := 0; ; i++ {
							var v int
							var err error
							switch i % 3 {
							case 0:
								v, err = a.Recv()
							case 1:
								v, err = b.Recv()
							default:
								_, err = gv.Select(gv.RecvCase(a, &v), gv.RecvCase(b, &v))
							}
							if err != nil {
								return err
							}
							mu.Lock()
							received[v]++
							mu.Unlock()
						}
					}
					var members []*gv.Thread
					for id := range senders {
						members = append(members, rt.Go(send(id)))
					}
					for range receivers {
						members = append(members, rt.Go(receive))
					}
					random.Shuffle(len(members), func(i, j int) {
						members[i], members[j] = members[j], members[i]
					})
					for _, th := range members {
						for range random.IntN(yields) {
							gv.Yield()
						}
						th.Cancel(nil)
					}
					for _, th := range members {
						if err := th.Wait(); !errors.Is(err, gv.ErrCancelled) {
							t.Errorf("a thread has ended with %v", err)
						}
					}
					for _, c := range []*gv.Chan[int]{a, b} {
						for v, err := c.TryRecv(); err == nil; v, err = c.TryRecv() {
							received[v]++
						}
						if s, r := c.Waiting(); s+r != 0 {
							t.Errorf("%d senders and %d receivers are still queued", s, r)
						}
					}
					for v, ok := range sent {
						want := 0
						if ok {
							want = 1
						}
						if received[v] != want {
							t.Fatalf("capacity %d: value %x, sent: %v, was received %d times", capacity, v, ok, received[v])
						}
					}
				}
			})
		})
	}
}

// Senders and receivers that wait while the Chan is closed are all told, and
// what was accepted before can be received.
func TestChanCloseRacesWithSendAndRecv(t *testing.T) {
	forEachCrew(t, func(t *testing.T, g *crew) {
		for round := range 50 {
			c := gv.NewChan[int](round % 3)
			var mu sync.Mutex
			balance := 0
			for range 4 {
				g.start(func() {
					for c.Send(1) == nil {
						mu.Lock()
						balance++
						mu.Unlock()
					}
				})
				g.start(func() {
					for range c.All() {
						mu.Lock()
						balance--
						mu.Unlock()
					}
				})
			}
			// Few: on the Portable engine with one P, each is 10 ms and more, while
			// senders and receivers make one another runnable.
			for range round % 4 {
				gv.Yield()
			}
			c.Close()
			g.wait()
			if balance != 0 {
				t.Fatalf("round %d: %d values more were sent than received", round, balance)
			}
		}
	})
}
