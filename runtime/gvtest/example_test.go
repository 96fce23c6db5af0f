package gvtest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvtest"
)

// A printer stands for the *testing.T of a test.
type printer struct{ testing.TB }

func (printer) Helper()                           {}
func (printer) Name() string                      { return "TestCount" }
func (printer) Context() context.Context          { return context.Background() }
func (printer) Error(args ...any)                 { fmt.Println(args...) }
func (printer) Errorf(format string, args ...any) { fmt.Printf(format, args...) }

// Two threads count. Some of the schedules lose what one of them has counted.
func ExampleExplore() {
	var t printer // func TestCount(t *testing.T) {
	gvtest.Explore(t, func(t testing.TB, rt *gv.Runtime) {
		var mu gv.Mutex
		count := 0
		add := func(context.Context) error {
			mu.Lock()
			n := count
			mu.Unlock()
			mu.Lock()
			count = n + 1
			mu.Unlock()
			return nil
		}
		a, b := rt.Go(add, gv.WithName("a")), rt.Go(add, gv.WithName("b"))
		a.Wait()
		b.Wait()
		if count != 2 {
			t.Errorf("the count is %d", count)
		}
	}, gvtest.Runs(1000))
	// Output:
	// gvtest: seed 6 fails, schedule 6 of 1000. To replay it:
	//     go test github.com/gvthread/gvthread/runtime/gvtest -run '^TestCount$' -gvtest.seed=6
	// log:
	//     example_test.go:42: the count is 1
	// schedule:
	//     thread 1 "fn"  Runtime.Go    example_test.go:38
	//     thread 2 "a"   Mutex.Lock    example_test.go:30
	//     thread 1 "fn"  Runtime.Go    example_test.go:38
	//     thread 3 "b"   Mutex.Lock    example_test.go:30  waits
	//     thread 1 "fn"  Thread.Wait   example_test.go:39  waits
	//     thread 2 "a"   Mutex.Unlock  example_test.go:32
	//     thread 3 "b"   Mutex.Lock    example_test.go:30
	//     thread 3 "b"   Mutex.Unlock  example_test.go:32
	//     thread 2 "a"   Mutex.Lock    example_test.go:33
	//     thread 2 "a"   Mutex.Unlock  example_test.go:35
	//     thread 2 "a"   ends
	//     thread 3 "b"   Mutex.Lock    example_test.go:33
	//     thread 3 "b"   Mutex.Unlock  example_test.go:35
	//     thread 3 "b"   ends
	//     thread 1 "fn"  Thread.Wait   example_test.go:40
	//     thread 1 "fn"  ends
}

// Time goes on when no thread is ready: this takes no hour.
func ExampleExplore_time() {
	var t printer // func TestTimeout(t *testing.T) {
	gvtest.Explore(t, func(t testing.TB, rt *gv.Runtime) {
		answers := gv.NewChan[string](1)
		worker := rt.Go(func(context.Context) error {
			if err := gv.Sleep(2 * time.Hour); err != nil {
				return err
			}
			return answers.Send("late")
		})
		gv.Sleep(time.Hour)
		worker.Cancel(errors.New("no answer for an hour"))
		fmt.Println(worker.Wait())
	}, gvtest.Runs(1))
	// Output: gv: thread cancelled: no answer for an hour
}

// What a test returns, and what it leaves running, fails it.
func ExampleRun() {
	var t printer // func TestCount(t *testing.T) {
	gvtest.Run(t, func(ctx context.Context) error {
		g := gv.NewGroup(ctx)
		g.Go(func(context.Context) error { return gv.Sleep(time.Hour) })
		g.Go(func(context.Context) error { return errors.New("no luck") })
		return g.Wait()
	})
	// Output: gvtest: no luck
}
