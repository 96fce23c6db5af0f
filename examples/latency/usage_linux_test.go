package main

import (
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	gv "github.com/gvthread/gvthread/runtime"
)

// Threads that have ended take nothing with them.
func TestSwitchesOfThreadsThatHaveEnded(t *testing.T) {
	const threads, sleeps = 8, 20
	before := currentSystemUsage()
	var wg sync.WaitGroup
	for range threads {
		wg.Go(func() {
			runtime.LockOSThread() // it ends with the goroutine
			for range sleeps {
				unix.Nanosleep(&unix.Timespec{Nsec: 1000}, nil)
			}
		})
	}
	wg.Wait()
	after := currentSystemUsage()
	if n := after.Voluntary - before.Voluntary; n < threads*sleeps {
		t.Errorf("%d voluntary switches, want at least %d", n, threads*sleeps)
	}
	if after.Faults < before.Faults || after.Resident <= 0 {
		t.Errorf("usage %+v after %+v", after, before)
	}
}

func TestOSThreads(t *testing.T) {
	ids := osThreads()
	if len(ids) < 2 || ids[0] != os.Getpid() {
		t.Fatalf("the OS threads of process %d are %v", os.Getpid(), ids)
	}
	if id := sysmonID(); id != ids[1] {
		t.Errorf("sysmon is %d, not the second of %v", id, ids)
	}
}

func TestThreadTime(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for id := unix.Gettid(); threadTime(id) < time.Millisecond; {
		// The test's own deadline is what there is against a clock that stands still.
	}
	// More than there can be: PID_MAX_LIMIT in linux/threads.h.
	if d := threadTime(1 << 27); d != 0 {
		t.Errorf("a thread that is not there has taken %v", d)
	}
}

// The Monitor is found by the name that it gives its thread.
func TestMonitorTime(t *testing.T) {
	rt, err := gv.New(gv.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close()
	if rt.Capabilities().Engine != gv.Native {
		t.Skip("the Monitor has no OS thread of its own")
	}
	for end := time.Now().Add(time.Minute); monitorTime() == 0; {
		if time.Now().After(end) {
			t.Fatal("the Monitor has taken no time")
		}
		runtime.Gosched() // it may not have begun
	}
}

func TestNiced(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	s, err := newNiced(serverTask{Workers: 3})
	if err != nil {
		t.Fatal(err)
	}
	if n := runtime.GOMAXPROCS(0); n != 5 {
		t.Errorf("%d Ps, want two more than the 3 workers", n)
	}
	var mu sync.Mutex
	found := map[int]int{}
	s.start(64, func() bool {
		id := unix.Gettid()
		priority, err := unix.Getpriority(unix.PRIO_PROCESS, id)
		if err != nil {
			t.Error(err)
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		found[id] = 20 - priority // as the system call has it
		return len(found) < 3
	})
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	want := []int{niceness, niceness, niceness}
	var got []int
	for _, nice := range found {
		got = append(got, nice)
	}
	if !slices.Equal(got, want) {
		t.Errorf("threads of niceness %v, want %v", got, want)
	}
}
