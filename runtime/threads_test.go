package gv_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// infos returns what rt has of its threads.
func infos(rt *gv.Runtime) []gv.ThreadInfo { return slices.Collect(rt.Threads()) }

// Threads has what is known of each thread, the first that was started first.
func TestThreads(t *testing.T) {
	forEachStrict(t, 1, func(rt *gv.Runtime) error {
		var mu gv.Mutex
		c := gv.NewChan[int](0)
		low := rt.Go(func(context.Context) error {
			mu.Lock()
			defer mu.Unlock()
			_, err := c.Recv()
			return err
		}, gv.WithName("low"), gv.WithPriority(gv.Low))
		until(func() bool { return low.State() == gv.StateBlocked })
		rt.Go(func(ctx context.Context) error {
			child := gv.Go(func(ctx context.Context) error { return mu.LockContext(ctx) })
			return errors.Join(mu.LockContext(ctx), child.Wait())
		}, gv.WithPriority(gv.High))
		until(func() bool { s := rt.Stats(); return s.Threads == 3 && s.Idle == 1 })
		g := closeGate(rt)
		defer g.open()
		g.thread.Cancel(nil)
		rt.Go(func(context.Context) error { return nil })

		if on := rt.Running(); len(on) != 1 || on[0].ID != g.thread.ID() || on[0].Name != "gate" || on[0].Worker != 1 || !on[0].Cancelled {
			return fmt.Errorf("the worker has %+v", on)
		}
		got := infos(rt)
		for i := range got {
			fresh := got[i].State == gv.StateNew
			if native := rt.Capabilities().Engine == gv.Native; fresh && got[i].Goroutine != 0 || native && !fresh && got[i].Goroutine == 0 {
				return fmt.Errorf("thread %d is carried by goroutine %d", got[i].ID, got[i].Goroutine)
			}
			if (got[i].ReadyFor > 0) != fresh {
				return fmt.Errorf("thread %d has been ready for %v", got[i].ID, got[i].ReadyFor)
			}
			got[i].Goroutine, got[i].ReadyFor = 0, 0
		}
		mutex := `to lock a Mutex of thread 1 "low"`
		want := []gv.ThreadInfo{
			{ID: 1, Name: "low", Priority: gv.Low, Effective: gv.High, State: gv.StateBlocked, Waits: "to receive from a Chan"},
			{ID: 2, Priority: gv.High, Effective: gv.High, State: gv.StateBlocked, Waits: mutex},
			{ID: 3, Priority: gv.Normal, Effective: gv.Normal, State: gv.StateBlocked, Waits: mutex, Parent: 2},
			{ID: 4, Name: "gate", Priority: gv.Critical, Effective: gv.Critical, State: gv.StateRunning, Worker: 1, Cancelled: true},
			{ID: 5, Priority: gv.Normal, Effective: gv.Normal, State: gv.StateNew},
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("got  %+v\nwant %+v", got, want)
		}
		return nil
	})
}

// The iteration can be left, and has no threads that have ended meanwhile.
func TestThreadsThatEnd(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 1}, func(t *testing.T, rt *gv.Runtime) {
		var ts []*gv.Thread
		for range 3 {
			ts = append(ts, rt.Go(func(context.Context) error { return gv.Sleep(time.Hour) }))
		}
		var seen []uint64
		for i := range rt.Threads() {
			seen = append(seen, i.ID)
			if i.ID == 2 {
				break
			}
		}
		for i := range rt.Threads() {
			seen = append(seen, i.ID)
			for _, th := range ts {
				th.Cancel(nil)
				th.Wait()
			}
		}
		if !slices.Equal(seen, []uint64{1, 2, 1}) {
			t.Errorf("up to thread 2, and then without those that end during the first step: %v", seen)
		}
	})
}

// Running has each worker's thread in its place, and nothing for idle ones.
func TestRunning(t *testing.T) {
	onEachEngine(t, gv.Config{Workers: 3}, func(t *testing.T, rt *gv.Runtime) {
		want := make([]gv.ThreadInfo, 3)
		if got := rt.Running(); !slices.Equal(got, want) {
			t.Errorf("of a new runtime: %+v", got)
		}
		gates := []*gate{closeGate(rt), closeGate(rt)}
		seen := map[uint64]int{}
		for i, th := range rt.Running() {
			seen[th.ID]++
			if th.ID != 0 && (th.Worker != i+1 || th.State != gv.StateRunning || th.Priority != gv.Critical) {
				t.Errorf("worker %d has %+v", i+1, th)
			}
		}
		for _, g := range gates {
			if seen[g.thread.ID()] != 1 {
				t.Errorf("thread %d, which runs, is there %d times", g.thread.ID(), seen[g.thread.ID()])
			}
			g.open()
		}
		if seen[0] != 1 {
			t.Errorf("%d workers are idle, want 1", seen[0])
		}
	})
}

// A ThreadInfo can be read in JSON.
func TestThreadInfoInJSON(t *testing.T) {
	text, err := json.Marshal(gv.ThreadInfo{ID: 7, Name: "seven", Priority: gv.Low, Effective: gv.Critical, State: gv.StatePreempted})
	if want := `{"ID":7,"Name":"seven","Priority":"Low","Effective":"Critical","State":"Preempted",`; err != nil || !strings.HasPrefix(string(text), want) {
		t.Errorf("got %s, %v; want %s…", text, err, want)
	}
}
