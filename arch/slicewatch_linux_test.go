//go:build (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// threadsCalled returns how many OS threads of the process have a name.
func threadsCalled(t *testing.T, name string) (n int) {
	t.Helper()
	threads, err := filepath.Glob("/proc/self/task/*/comm")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range threads {
		if text, err := os.ReadFile(path); err == nil && strings.TrimSpace(string(text)) == name {
			n++
		}
	}
	return n
}

// eventually waits for what is to come about.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

// The thread looks at the others while somebody wants it to, and stops the world for nobody;
// it sleeps while nobody does, and ends with the short slices.
func TestSliceWatch(t *testing.T) {
	defer watchdog(t)()
	if raceEnabled {
		t.Skip("there is none beside the race detector")
	}
	for range 3 {
		if err := ShortenSlices(); err != nil {
			t.Skip(err)
		}
		w := &sliceWatcher
		eventually(t, "there is no thread", func() bool { return threadsCalled(t, watchName) == 1 })
		looks := func() uint32 { return atomic.LoadUint32(&w.looks) }
		WantSlices(true)
		WantSlices(true)
		WantSlices(false)
		before := looks()
		eventually(t, "nobody looks", func() bool { return looks() != before })
		for range 20 {
			runtime.GC() // stops the world
		}
		if err := ShortenNewSlices(); err != nil {
			t.Error(err)
		}
		before = looks()
		eventually(t, "nobody looks after a collection", func() bool { return looks() != before })
		WantSlices(false)
		eventually(t, "it goes on to look", func() bool {
			before := looks()
			time.Sleep(10 * watchPeriod)
			return looks() == before
		})
		if err := RestoreSlices(); err != nil {
			t.Error(err)
		}
		eventually(t, "the thread has not ended", func() bool { return threadsCalled(t, watchName) == 0 })
	}
}

// Of more threads than it can know, it knows the newest, and looks at all in turn.
func TestSliceWatchManyThreads(t *testing.T) {
	var w sliceWatch
	threads := make([]int, watchMost+10)
	for i := range threads {
		threads[i] = i + 1
	}
	w.know(threads)
	if first, last := w.threads[0], w.threads[watchMost-1]; w.known != watchMost || first != 11 || last != watchMost+10 {
		t.Errorf("knows %d threads, %d to %d; want %d, 11 to %d", w.known, first, last, watchMost, watchMost+10)
	}
	for range 2 {
		before := w.looks
		if w.look(); w.looks != before+watchAtOnce {
			t.Errorf("has looked at %d threads, want %d", w.looks-before, watchAtOnce)
		}
	}
	w.know(threads[:3])
	before := w.looks
	if w.look(); w.looks != before+3 {
		t.Errorf("has looked at %d threads, want 3", w.looks-before)
	}
}

// GoOnThread never takes the first OS thread of the process, and its own ends.
func TestGoOnThread(t *testing.T) {
	defer watchdog(t)()
	for range 100 {
		tid := make(chan int)
		GoOnThread(func() { tid <- unix.Gettid() })
		id := <-tid
		if id == unix.Getpid() {
			t.Fatal("runs on the first OS thread of the process")
		}
		eventually(t, "the OS thread has not ended", func() bool {
			return unix.Tgkill(unix.Getpid(), id, 0) == unix.ESRCH
		})
	}
}
