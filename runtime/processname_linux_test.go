package gv_test

import (
	"context"
	"os"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// The process keeps its name, which is that of its first OS thread, by which ps, killall and
// delve know it: the Monitor names another.
func TestProcessKeepsItsName(t *testing.T) {
	name := func() string {
		text, err := os.ReadFile("/proc/self/comm")
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	want := name()
	for range 200 {
		rt, err := gv.New(gv.Config{Engine: gv.Native})
		if err != nil {
			t.Skip(err)
		}
		if err := rt.Go(func(context.Context) error { return nil }).Wait(); err != nil {
			t.Error(err)
		}
		if err := rt.Close(); err != nil {
			t.Error(err)
		}
		if got := name(); got != want {
			t.Fatalf("the process is called %q, want %q", got, want)
		}
	}
}
