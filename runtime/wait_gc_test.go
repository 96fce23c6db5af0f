package gv_test

import (
	"context"
	goruntime "runtime"
	"sync"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// Goroutines that wait for threads while collections empty the pools.
func TestWaitFromGoroutinesBesideCollections(t *testing.T) {
	rt, err := gv.New(gv.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close()
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				goruntime.GC()
			}
		}
	}()
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for range 3000 {
				rt.Go(func(context.Context) error { gv.Yield(); return nil }).Wait()
			}
		})
	}
	wg.Wait()
	close(stop)
}
