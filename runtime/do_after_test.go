package gv_test

import (
	"context"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// What a goroutine does after its last Do is in nobody's way, the next goroutine's neither that
// Go makes of it, which finds what the first one has left. It is the race detector's to say.
func TestGoroutineAfterDo(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.String(), func(t *testing.T) {
			defer watchdog(t)()
			rt := newRuntime(t, gv.Config{Engine: engine})
			defer rt.Close()
			for name, after := range map[string]func(){
				"Yield":     gv.Yield,
				"Safepoint": gv.Safepoint,
				"Current":   func() { gv.Current() },
				"Sleep":     func() { gv.Sleep(time.Nanosecond) },
				"Block":     func() { gv.Block(func() {}) },
				"Mutex": func() {
					var mu gv.Mutex
					mu.Lock()
					mu.Unlock()
				},
				"Chan": func() { gv.NewChan[int](1).Send(1) },
			} {
				t.Run(name, func(t *testing.T) {
					for range 200 {
						done := make(chan error)
						go func() {
							// Before the rest, which nothing orders before the next goroutine.
							done <- rt.Do(func(context.Context) error { return nil })
							after()
						}()
						if err := <-done; err != nil {
							t.Error(err)
						}
					}
				})
			}
		})
	}
}
