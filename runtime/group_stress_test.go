package gv_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	goruntime "runtime"
	"slices"
	"sync/atomic"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// A task is a Group whose functions do all that functions may, in an order that a seed
// gives. What Wait returns must agree with what they did.
type task struct {
	t     *testing.T
	group *gv.Group
	limit int
	odds  int // of each failure of a function, to one

	given, called, succeeded atomic.Int64
	running                  atomic.Int64
	// meddled says that something else than a function's failure may have cancelled it.
	meddled atomic.Bool
	panics  journal[any]
}

// An origin is a failure that follows from no other.
type origin struct{ id uint64 }

func (o origin) Error() string { return fmt.Sprintf("origin %d", o.id) }

// add gives the group a function that does what r says, and perhaps adds others.
func (k *task) add(r *rand.Rand, depth int) {
	seed := r.Uint64()
	fn := func(ctx context.Context) error { return k.do(ctx, rand.New(rand.NewPCG(seed, 0)), depth) }
	priority := gv.WithPriority(gv.Priority(r.IntN(4)))
	// One that waits in Go keeps its own slot meanwhile.
	if depth > 0 && k.limit >= 0 || r.IntN(4) == 0 {
		if k.group.TryGo(fn, priority) {
			k.given.Add(1)
		}
		return
	}
	k.given.Add(1)
	k.group.Go(fn, priority)
}

func (k *task) do(ctx context.Context, r *rand.Rand, depth int) error {
	k.called.Add(1)
	if n := k.running.Add(1); k.limit >= 0 && n > int64(k.limit) {
		k.t.Errorf("%d run at a time, the limit is %d", n, k.limit)
	}
	defer k.running.Add(-1)
	for range r.IntN(4) {
		switch r.IntN(6) {
		case 0:
			gv.Yield()
		case 1:
			deepen(r.IntN(50))
		case 2:
			if depth < 3 {
				k.add(r, depth+1)
			}
		case 3:
			gv.Go(sleepLong) // the Group ends it
		case 4:
			gv.Current().SetPriority(gv.Priority(r.IntN(4)))
		case 5:
			gv.Block(goruntime.Gosched)
		}
	}
	switch r.IntN(k.odds) {
	case 0:
		return origin{r.Uint64()}
	case 1:
		v := r.Uint64()
		k.panics.add(v)
		panic(v)
	case 2:
		goruntime.Goexit()
	case 3:
		k.meddled.Store(true)
		k.group.Cancel(nil)
	}
	if err := ctx.Err(); err != nil {
		return err // a consequence
	}
	k.succeeded.Add(1)
	return nil
}

// check compares the result of Wait with what the functions did.
func (k *task) check(err error) {
	if n := k.running.Load(); n != 0 {
		k.t.Errorf("%d functions run after Wait", n)
	}
	if n := k.group.Alive(); n != 0 {
		k.t.Errorf("%d threads are alive after Wait", n)
	}
	given, called, succeeded := k.given.Load(), k.called.Load(), k.succeeded.Load()
	if called > given || err == nil && succeeded != given {
		k.t.Errorf("%d functions were given, %d called, %d succeeded, and Wait returned %v", given, called, succeeded, err)
	}
	if err != nil && succeeded == given {
		k.t.Errorf("all functions have succeeded, and Wait returned %v", err)
	}
	if !k.meddled.Load() && errors.Is(err, gv.ErrCancelled) {
		k.t.Errorf("a consequence is returned as the first failure: %v", err)
	}
	got, want := panicsOf(err), k.panics.all()
	byValue := func(a, b any) int { return cmp.Compare(a.(uint64), b.(uint64)) }
	slices.SortFunc(got, byValue)
	slices.SortFunc(want, byValue)
	if !slices.Equal(got, want) {
		k.t.Errorf("panics %v, and Wait returned %v", want, got)
	}
}

// Whatever the functions of a Group do, and whoever cancels it: it keeps its limit, Wait
// returns when all is over, with the failure that was first and all panics, and only
// if all functions were called and succeeded with none.
func TestGroupStress(t *testing.T) {
	seeds := uint64(400)
	if testing.Short() {
		seeds = 60
	}
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			rt := open(t, gv.Config{Workers: 2, Engine: engine})
			for seed := range seeds {
				t.Run(fmt.Sprint(seed), func(t *testing.T) { runTask(t, rt, rand.New(rand.NewPCG(seed, 0))) })
			}
			until(func() bool { return rt.Stats().Threads == 0 })
		})
	}
}

// runTask runs a task that r gives.
func runTask(t *testing.T, rt *gv.Runtime, r *rand.Rand) {
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	k := &task{t: t, group: rt.NewGroup(ctx), limit: r.IntN(6) - 1, odds: []int{30, 300, 3000}[r.IntN(3)]}
	if k.limit == 0 {
		k.limit = 1
	}
	k.group.SetLimit(k.limit)
	meddled := r.IntN(3) == 0
	work := func(context.Context) error {
		for i := range 30 {
			if i == 20 && meddled {
				k.meddled.Store(true)
				go cancel()
			}
			k.add(r, 0)
		}
		k.check(k.group.Wait())
		return nil
	}
	if r.IntN(2) == 0 {
		work(ctx)
	} else if err := rt.Run(work); err != nil {
		t.Errorf("Run: %v", err)
	}
	until(func() bool { return k.group.Members() == 0 }) // what was left running
}
