package arch

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Whatever a bubble is known by says the same.
func TestInBubble(t *testing.T) {
	Native() // after it, the Native engine's field counts
	check := func(want bool) {
		t.Helper()
		in, known := bubbled()
		if !known {
			in = want
		}
		if in != want || InBubble() != want || clockOfBubble() != want || headerSaysBubble() != want {
			t.Errorf("in a bubble: %v, by the goroutine's field %v, by its clock %v, by its stack's header %v; want %v",
				InBubble(), in, clockOfBubble(), headerSaysBubble(), want)
		}
	}
	check(false)
	synctest.Test(t, func(t *testing.T) {
		check(true)
		time.Sleep(30 * 365 * 24 * time.Hour)
		check(true)
		Outside(func() { check(false) })
		check(true)
		synctest.Wait()
	})
	Outside(func() { check(false) })
	check(false)
}

// Now is one clock, in bubbles and outside.
func TestNowInABubble(t *testing.T) {
	last := Now()
	later := func() {
		t.Helper()
		now := Now()
		// Outside and inside it is not read in the same way.
		if now < last-int64(time.Millisecond) || now-last > int64(time.Hour) {
			t.Errorf("the clock has gone from %v to %v", time.Duration(last), time.Duration(now))
		}
		last = now
	}
	for range 3 {
		later()
		synctest.Test(t, func(*testing.T) { later() })
	}
}

// What is launched is outside, whoever launches it, and in whatever state: each
// function once.
func TestLaunch(t *testing.T) {
	defer watchdog(t)()
	const launches = 100
	var ran sync.Mutex // a Mutex belongs to no bubble
	var done [launches]int
	left := launches
	all := make(chan struct{})
	launch := func(from, to int) {
		for i := from; i < to; i++ {
			Launch(func() {
				ran.Lock()
				defer ran.Unlock()
				if InBubble() {
					t.Errorf("launch %d is in a bubble", i)
				}
				done[i]++
				if left--; left == 0 {
					close(all)
				}
			})
		}
	}
	var wg sync.WaitGroup
	for i := range 4 {
		from := i * launches / 4
		wg.Go(func() {
			if i == 0 {
				launch(from, from+launches/4)
				return
			}
			synctest.Test(t, func(*testing.T) {
				Pin()
				launch(from, from+launches/4)
				Unpin()
			})
		})
	}
	wg.Wait()
	<-all
	for i, n := range done {
		if n != 1 {
			t.Errorf("launch %d ran %d times", i, n)
		}
	}
}

// The launcher's goroutine ends when nobody needs it, and comes back.
func TestLauncherEnds(t *testing.T) {
	defer watchdog(t)()
	for range 2 {
		synctest.Test(t, func(*testing.T) { Outside(func() {}) })
		for launches.running.Load() {
			time.Sleep(time.Millisecond)
		}
	}
}
