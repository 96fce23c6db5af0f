package gvtest

import (
	"fmt"
	"reflect"
	"regexp"
	goruntime "runtime"
	"strings"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// Explore calls fn again and again, each time with a new runtime and another schedule, until
// a schedule fails or enough have been tried. fn runs as the first thread of the runtime. A
// schedule is over when all threads have ended.
//
// A schedule fails if fn or another thread fails its testing.TB, or panics where nobody
// waits for it; if no thread can go on, which is a deadlock; or if the threads have come to
// 100,000 calls of package gv. Then t fails, with the seed of the schedule, the command that
// replays it, what was logged, and the schedule itself: which thread came to which call, in
// the order in which that happened. Threads that are left are cancelled, and end as by
// runtime.Goexit: at their next call of package gv, or in the one that they wait in, whether
// cancellation ends that or not.
//
// The testing.TB that fn gets belongs to its schedule. What is logged there is shown if the
// schedule fails, and Cleanup functions are called, in a goroutine, when it is over. FailNow
// may be called in any thread, and ends the schedule; Skip skips the test. When t has failed,
// Explore returns.
//
// A schedule is given up, with a dump and the stacks of all goroutines, if it goes on until
// shortly before the deadline of t, which it has by -timeout, or if its threads have not ended
// a second after it has failed: then its Cleanup functions are not called. Those that have not
// returned shortly before the deadline, or a second after it has ended the schedule, fail it
// with the same, and are left behind. Explore must not be called in a bubble of testing/synctest.
func Explore(t testing.TB, fn func(t testing.TB, rt *gv.Runtime), opts ...Option) {
	t.Helper()
	seed, runs, err := apply(opts).forExplore()
	if err != nil {
		t.Fatal(err)
	}
	expired, stop := expiry(t)
	defer stop()
	for i := range runs {
		x := newTrial(t, seed+uint64(i), fn)
		if err := x.run(expired); err != nil {
			t.Fatal(err)
		}
		switch {
		case x.tb.Failed():
			t.Errorf("gvtest: seed %d fails, schedule %d of %d. To replay it:\n    %s\nlog:\n%sschedule:\n%s",
				x.seed, i+1, runs, replayCommand(t.Name(), fn, x.seed), x.tb.text(), x.schedule())
			return
		case x.tb.Skipped():
			t.Skip(x.tb.text())
		}
	}
}

// replayCommand returns the command that tries the schedule of a seed only, in the test of
// that name, which has fn.
func replayCommand(name string, fn any, seed uint64) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	pattern := strings.ReplaceAll(strings.Join(parts, "/"), "'", `'\''`)
	return fmt.Sprintf("go test %s -run '%s' -gvtest.seed=%d", packageOf(fn), pattern, seed)
}

// packageOf returns the path of the package whose test has the function fn.
func packageOf(fn any) string {
	path := goruntime.FuncForPC(reflect.ValueOf(fn).Pointer()).Name()
	dir := strings.LastIndex(path, "/") + 1
	pkg, _, _ := strings.Cut(path[dir:], ".")
	return path[:dir] + strings.TrimSuffix(pkg, "_test")
}
