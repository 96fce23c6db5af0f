package gvtest_test

import (
	"flag"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvtest"
	"github.com/gvthread/gvthread/runtime/internal/sched"
)

// replays is how often a schedule that has failed is replayed.
const replays = 100

// Each bug is found within 1,000 schedules, and its schedule replayed, event by event.
func TestExploreFindsAndReplays(t *testing.T) {
	defer gvtest.HasteWithDeadlocks()()
	for _, bug := range []struct {
		name string
		fn   func(testing.TB, *gv.Runtime)
		says string
	}{
		{"lost update", lostUpdate, "the count is 1, not 2"},
		{"lock order", abba, "waits to lock a Mutex of thread"},
		{"missed wake-up", missedWakeUp, "waits for a Cond"},
		{"two left behind", leftBehind, "the slow one came last"},
	} {
		t.Run(bug.name, func(t *testing.T) {
			found := try(t, func(t *fake) { gvtest.Explore(t, bug.fn, gvtest.Runs(1000)) })
			found.expect(t, bug.says, "go test github.com/gvthread/gvthread/runtime/gvtest -run '^TestFake$/^part$' -gvtest.seed=")
			seed, schedule := found.failure(t)
			for i := range replays {
				again := try(t, func(t *fake) { gvtest.Explore(t, bug.fn, gvtest.Seed(seed), gvtest.Runs(1)) })
				again.expect(t, bug.says)
				if _, s := again.failure(t); s != schedule {
					t.Fatalf("replay %d of seed %d went:\n%sand not:\n%s", i+1, seed, s, schedule)
				}
			}
		})
	}
}

// The flag replays.
func TestExploreReplaysByFlag(t *testing.T) {
	defer gvtest.HasteWithDeadlocks()()
	found := try(t, func(t *fake) { gvtest.Explore(t, abba) })
	seed, schedule := found.failure(t)
	text := seedPattern.FindStringSubmatch(found.said())[1]
	if err := flag.Set("gvtest.seed", text); err != nil {
		t.Fatal(err)
	}
	defer flag.Set("gvtest.seed", "0")
	again := try(t, func(t *fake) { gvtest.Explore(t, abba, gvtest.Seed(seed+1)) })
	if s, sch := again.failure(t); s != seed || sch != schedule {
		t.Errorf("seed %d:\n%s, and not %d:\n%s", s, sch, seed, schedule)
	}
	again.expect(t, "schedule 1 of 1")
}

// A correct program passes.
func TestExplorePasses(t *testing.T) {
	runs := 10_000
	if testing.Short() {
		runs = 500
	}
	count := 0
	passed := try(t, func(t *fake) {
		gvtest.Explore(t, func(t testing.TB, rt *gv.Runtime) {
			count++
			correct(t, rt)
		}, gvtest.Runs(runs))
	})
	passed.expectNothing(t)
	if count != runs {
		t.Errorf("%d schedules were tried, not %d", count, runs)
	}
}

// When Explore is done, the safepoints of others cost what they did before.
func TestExploreLeavesNoRequests(t *testing.T) {
	try(t, func(t *fake) { gvtest.Explore(t, correct, gvtest.Runs(10)) }).expectNothing(t)
	if n := sched.PendingCount(); n != 0 {
		t.Errorf("%d requests are left", n)
	}
}

// Schedules of a program that uses everything are the same each time, and there are many.
func TestExploreIsDeterministic(t *testing.T) {
	seeds := uint64(300)
	if testing.Short() {
		seeds = 50
	}
	different := map[string]bool{}
	for seed := uint64(1); seed <= seeds; seed++ {
		var first string
		for i := range 3 {
			f := try(t, func(t *fake) { gvtest.Explore(t, everything, gvtest.Seed(seed), gvtest.Runs(1)) })
			f.expect(t, "that is all")
			_, schedule := f.failure(t)
			if i == 0 {
				first = schedule
			} else if schedule != first {
				t.Fatalf("seed %d went:\n%sand then:\n%s", seed, first, schedule)
			}
		}
		different[first] = true
	}
	if n := len(different); n < int(seeds)*9/10 {
		t.Errorf("%d seeds had %d schedules", seeds, n)
	}
}
