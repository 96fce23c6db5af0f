package gv_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	goruntime "runtime"
	"sync/atomic"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// A depot is a store of parcels that uses every primitive at once. However its
// users are cancelled, no parcel is lost or doubled.
type depot struct {
	mu       gv.Mutex
	notEmpty gv.Cond // with mu
	shelf    []int   // under mu

	belt  *gv.Chan[int]
	hatch *gv.Chan[int]

	registry gv.RWMutex
	entries  map[int]int // under registry: how often each parcel was delivered

	carts *gv.Semaphore
	inUse atomic.Int64
}

const depotCarts = 3

func newDepot() *depot {
	d := &depot{
		belt:    gv.NewChan[int](2),
		hatch:   gv.NewChan[int](0),
		entries: map[int]int{},
		carts:   gv.NewSemaphore(depotCarts),
	}
	d.notEmpty.L = &d.mu
	return d
}

// bring puts a parcel into the depot by one of three ways.
func (d *depot) bring(ctx context.Context, r *rand.Rand, parcel int) error {
	if r.IntN(3) > 0 {
		_, err := gv.Select(gv.SendCase(d.belt, parcel), gv.SendCase(d.hatch, parcel))
		return err
	}
	if err := d.mu.LockContext(ctx); err != nil {
		return err
	}
	d.shelf = append(d.shelf, parcel)
	d.mu.Unlock()
	d.notEmpty.Signal()
	return nil
}

// fetch takes a parcel by one of three ways.
func (d *depot) fetch(ctx context.Context, r *rand.Rand) (parcel int, err error) {
	switch r.IntN(3) {
	case 0:
		return d.belt.Recv()
	case 1:
		_, err = gv.Select(gv.RecvCase(d.hatch, &parcel), gv.RecvCase(d.belt, &parcel))
		return parcel, err
	}
	if err := d.mu.LockContext(ctx); err != nil {
		return 0, err
	}
	defer d.mu.Unlock()
	for len(d.shelf) == 0 {
		if err := d.notEmpty.WaitContext(ctx); err != nil {
			return 0, err
		}
	}
	parcel = d.shelf[0]
	d.shelf = d.shelf[1:]
	return parcel, nil
}

// deliver enters a parcel into the registry, with a cart.
func (d *depot) deliver(t *testing.T, r *rand.Rand, parcel int) {
	weight := r.Int64N(depotCarts) + 1
	if d.carts.Acquire(context.Background(), weight) == nil {
		if n := d.inUse.Add(weight); n > depotCarts {
			t.Errorf("%d carts are in use", n)
		}
		gv.Yield()
		d.inUse.Add(-weight)
		d.carts.Release(weight)
	}
	d.registry.RLock()
	_, twice := d.entries[parcel]
	d.registry.RUnlock()
	if twice {
		t.Errorf("parcel %d is delivered twice", parcel)
	}
	d.registry.Lock()
	d.entries[parcel]++
	d.registry.Unlock()
}

func TestPrimitivesTogether(t *testing.T) {
	const carriers, parcels = 6, 40
	seeds := uint64(3)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			forEachEngine(t, func(t *testing.T, rt *gv.Runtime) {
				d := newDepot()
				random := rand.New(rand.NewPCG(seed, 0))
				var brought, fetched atomic.Int64

				// Half of those who bring and fetch are goroutines: their calls
				// end by a context where there is one, and else at Close.
				ctx, cancel := context.WithCancel(context.Background())
				var goroutines gv.WaitGroup
				var ths []*gv.Thread
				start := func(id int, fn func(ctx context.Context, r *rand.Rand) error) {
					r := rand.New(rand.NewPCG(seed, uint64(id)+1))
					if id%2 == 0 {
						goroutines.Add(1)
						go func() {
							defer goroutines.Done()
							fn(ctx, r)
						}()
						return
					}
					ths = append(ths, rt.Go(func(ctx context.Context) error {
						return fn(ctx, r)
					}, gv.WithPriority(gv.Priority(r.IntN(4)))))
				}
				for id := range carriers {
					start(id, func(ctx context.Context, r *rand.Rand) error {
						for i := range parcels {
							if err := d.bring(ctx, r, id*parcels+i); err != nil {
								return err
							}
							brought.Add(1)
							deepen(r.IntN(50))
						}
						return nil
					})
					start(carriers+id, func(ctx context.Context, r *rand.Rand) error {
						for {
							parcel, err := d.fetch(ctx, r)
							if err != nil {
								return err
							}
							d.deliver(t, r, parcel)
							fetched.Add(1)
							deepen(r.IntN(50))
						}
					})
				}

				// Cancel one by one, with collections in between, then all.
				for _, i := range random.Perm(len(ths)) {
					for range random.IntN(300) {
						gv.Yield()
					}
					goruntime.GC()
					ths[i].Cancel(nil)
				}
				cancel()
				d.belt.Close()
				d.hatch.Close()
				for _, th := range ths {
					if err := th.Wait(); err != nil && !errors.Is(err, gv.ErrCancelled) && !errors.Is(err, gv.ErrClosed) {
						t.Error(err)
					}
				}
				goroutines.Wait()

				left := int64(len(d.shelf))
				for range d.belt.All() {
					left++
				}
				if brought.Load() != fetched.Load()+left || fetched.Load() != int64(len(d.entries)) {
					t.Errorf("%d parcels brought, %d fetched, %d left, %d delivered",
						brought.Load(), fetched.Load(), left, len(d.entries))
				}
				if !d.mu.TryLock() || !d.registry.TryLock() || !d.carts.TryAcquire(depotCarts) || d.notEmpty.Waiting() != 0 {
					t.Error("something is still locked, held or waited for")
				}
			})
		})
	}
}

// deepen grows the caller's stack by n frames, and so moves it now and then.
func deepen(n int) int {
	var frame [64]int
	if n > 0 {
		frame[n%64] = deepen(n - 1)
	}
	return frame[n%64] + n
}
