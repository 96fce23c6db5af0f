package sched

import (
	"sync"
	"testing"
)

// visit has the calling goroutine carry a task of s, and returns the fiber that it did so
// with.
func visit(s *Scheduler) (with *fiber) {
	t := newTask(s, Normal)
	outer := t.Enter()
	with = t.fiber
	t.Exit(outer)
	return with
}

// A goroutine that has carried a task is a plain one again, and carries the next with the
// same fiber, until it visits another scheduler, or the first is closed.
func TestVisitorKeepsItsFiber(t *testing.T) {
	one := start(t, 1)
	first := visit(one)
	if Current() != nil || fibers.Get() != first || first.task != nil {
		t.Errorf("after a visit: task %p; the fiber %p is kept, of %p, with task %p", Current(), fibers.Get(), first, first.task)
	}
	if again := visit(one); again != first {
		t.Errorf("visited with %p, and then with %p", first, again)
	}
	t.Run("another scheduler", func(t *testing.T) {
		visit(start(t, 1)) // on another goroutine
	})
	another := new(Scheduler)
	another.Start(one.config)
	if other := visit(another); other == first || other.s != another {
		t.Errorf("another scheduler was visited with the fiber %p, after %p", other, first)
	}
	if kept := one.visitors.kept.Load(); kept != 0 {
		t.Errorf("%d of the first scheduler's fibers are kept, after the goroutine has visited another", kept)
	}
	another.Close()
	if f := fibers.Get(); f != nil {
		t.Errorf("the fiber %p is kept after the scheduler was closed", f)
	}
	visit(one)
}

// Not every goroutine keeps its fiber: there may be many.
func TestVisitorsThatKeepFibersAreBounded(t *testing.T) {
	s := start(t, 1)
	var visited, left sync.WaitGroup
	release := make(chan struct{})
	const more = 10
	visited.Add(keptVisitors + more)
	var lock sync.Mutex
	kept := 0
	for range keptVisitors + more {
		left.Go(func() {
			visit(s)
			if fibers.Get() != nil {
				lock.Lock()
				kept++
				lock.Unlock()
			}
			visited.Done()
			<-release
			visit(s)
		})
	}
	visited.Wait()
	close(release)
	left.Wait()
	if n := s.visitors.kept.Load(); kept != keptVisitors || n != keptVisitors {
		t.Errorf("%d goroutines keep their fibers, and %d are counted; want %d", kept, n, keptVisitors)
	}
}
