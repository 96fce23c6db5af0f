package main

import (
	"context"
	"iter"
	"os"
	goruntime "runtime"
	"sync"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// The actions here block in Go, or otherwise use what belongs to Go's own
// scheduler.

// plainThings are what threads share in Go's own ways.
type plainThings struct {
	mu   sync.Mutex
	a, b int // guarded by mu
	rw   sync.RWMutex
	c    chan int
}

func (p *plainThings) init() { p.c = make(chan int) }

// goSleep sleeps as goroutines do.
func goSleep(a *actor) error {
	time.Sleep(time.Duration(a.r.IntN(3000)) * time.Microsecond)
	return nil
}

// goChan waits for an answer from a goroutine.
func goChan(a *actor) error {
	question, answer := make(chan uint64), make(chan uint64)
	delay := time.Duration(a.r.IntN(500)) * time.Microsecond
	go func() {
		for x := range question {
			time.Sleep(delay)
			answer <- step(x)
		}
		close(answer)
	}()
	for range 1 + a.r.IntN(5) {
		x := a.r.Uint64()
		question <- x
		if got := <-answer; got != step(x) {
			a.w.r.violation("a goroutine answered %#x, not %#x", got, step(x))
		}
	}
	close(question)
	<-answer
	return nil
}

// goMutex holds a lock that the runtime can't see.
func goMutex(a *actor) error {
	p := &a.w.plain
	p.mu.Lock()
	p.a++
	steps(1, a.r.IntN(100_000))
	p.b++
	if p.a != p.b {
		a.w.r.violation("under a sync.Mutex: %d and %d", p.a, p.b)
	}
	p.mu.Unlock()
	p.rw.RLock()
	steps(1, 1000)
	p.rw.RUnlock()
	return nil
}

// pipe waits for the network poller.
func pipe(a *actor) error {
	r, w, err := os.Pipe()
	if err != nil {
		a.w.r.violation("pipe: %v", err)
		return nil
	}
	defer r.Close()
	delay := time.Duration(a.r.IntN(1000)) * time.Microsecond
	x := byte(a.r.IntN(256))
	go func() {
		defer w.Close()
		time.Sleep(delay)
		w.Write([]byte{x})
	}()
	buf := make([]byte, 2)
	if n, err := r.Read(buf); n != 1 || err != nil || buf[0] != x {
		a.w.r.violation("read %d from a pipe, %v, %v", n, buf, err)
	}
	return nil
}

// systemCall blocks in the kernel.
func systemCall(a *actor) error {
	nanosleep(time.Duration(a.r.IntN(2_000_000))) // a signal may end it
	return nil
}

// block blocks in Go, and says so.
func block(a *actor) error {
	kind := a.r.IntN(6)
	ended := make(chan any, 1)
	ended <- catch(func() {
		gv.Block(func() {
			switch kind {
			case 0:
				time.Sleep(time.Duration(a.r.IntN(1000)) * time.Microsecond)
			case 1:
				panic(errExpected)
			case 2:
				goMutex(a)
			case 3:
				steps(1, 100_000)
			case 4:
				gv.Block(func() { gv.Yield() })
			case 5:
				gv.Yield()
				_ = gv.Sleep(10 * time.Microsecond) // cancelled or not
				goMutex(a)
			}
		})
	})
	if v := <-ended; (v == errExpected) != (kind == 1) {
		a.w.r.violation("Block panicked with %v", v)
	}
	return nil
}

// lockThread keeps its OS thread for a while.
func lockThread(a *actor) error {
	goruntime.LockOSThread()
	defer goruntime.UnlockOSThread()
	tid := osThread()
	for range 1 + a.r.IntN(10) {
		switch a.r.IntN(6) {
		case 0:
			gv.Yield()
		case 1:
			if err := gv.Sleep(time.Duration(a.r.IntN(200)) * time.Microsecond); err != nil {
				return err
			}
		case 2:
			steps(1, 100_000)
		case 3:
			time.Sleep(time.Duration(a.r.IntN(200)) * time.Microsecond)
		case 4:
			gv.Safepoint()
		case 5:
			if err := send(a); err != nil {
				return err
			}
		}
		if now := osThread(); now != tid {
			a.w.r.violation("a thread locked to OS thread %d runs on %d", tid, now)
		}
	}
	return nil
}

// iterPull takes values from coroutines.
func iterPull(a *actor) error {
	count := func(n int) iter.Seq[int] {
		return func(yield func(int) bool) {
			for i := range n {
				if i%64 == 5 {
					gv.Yield() // in the coroutine, which is no thread
				}
				if !yield(i) {
					return
				}
			}
		}
	}
	next, stop := iter.Pull(count(1 + a.r.IntN(500)))
	defer stop()
	end := a.r.IntN(600)
	for i := range end {
		v, ok := next()
		if !ok {
			break
		}
		if v != i {
			a.w.r.violation("an iterator gave %d, not %d", v, i)
		}
		switch {
		case i%50 == 7:
			gv.Yield()
		case i%200 == 9:
			steps(1, 100_000)
		}
	}
	return nil
}

// goroutine starts goroutines, which are no threads, that use the same things.
func goroutine(a *actor) error {
	var wg sync.WaitGroup
	g := a.some()
	for range 1 + a.r.IntN(4) {
		wg.Go(func() {
			if t := gv.Current(); t != nil {
				a.w.r.violation("a goroutine is thread %v", t)
			}
			gv.Yield()
			gv.Safepoint()
			g.mu.Lock()
			if g.owner != nil || g.a != g.b {
				a.w.r.violation("a goroutine holds a mutex that %v holds, too", g.owner)
			}
			g.mu.Unlock()
			steps(1, 10_000)
			_ = gv.Sleep(10 * time.Microsecond) // a goroutine can't be cancelled
		})
	}
	wg.Wait()
	return nil
}

// gosched lets Go's scheduler choose.
func gosched(*actor) error {
	for range 10 {
		goruntime.Gosched()
	}
	return nil
}

// collect collects garbage.
func collect(*actor) error {
	goruntime.GC()
	return nil
}

// afterFunc hangs functions and contexts on the thread's context.
func afterFunc(a *actor) error {
	ctx, cancel := context.WithTimeout(a.ctx, time.Duration(a.r.IntN(500))*time.Microsecond)
	defer cancel()
	stop := context.AfterFunc(a.ctx, func() { steps(1, 100) })
	defer stop()
	if a.r.IntN(2) == 0 {
		<-ctx.Done()
	} else {
		gv.Block(func() { <-ctx.Done() })
	}
	return nil
}
