package gvtrace_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"slices"
	"sync"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvtrace"
)

// A thread that waits for too long leaves a recording of what came before.
func ExampleFlightRecorder() {
	var recorder *gvtrace.FlightRecorder
	var file bytes.Buffer // os.Create, say
	var once sync.Once
	written := make(chan struct{})
	rt, err := gv.New(gv.Config{
		Workers:   1,
		LateAfter: 20 * time.Millisecond,
		OnLate: func(late gv.Late) {
			once.Do(func() {
				defer close(written)
				if _, err := recorder.WriteTo(&file); err != nil {
					log.Print(err)
				}
			})
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	recorder = gvtrace.NewFlightRecorder(rt, gvtrace.Config{MinAge: 5 * time.Second})
	if err := recorder.Start(); err != nil {
		log.Fatal(err)
	}
	defer recorder.Stop()

	hog := rt.Go(func(ctx context.Context) error {
		for ctx.Err() == nil {
			gv.Safepoint()
		}
		return nil
	}, gv.WithPriority(gv.High), gv.WithName("hog"))
	for hog.State() != gv.StateRunning {
		time.Sleep(time.Millisecond)
	}
	for late := false; !late; {
		rt.Go(func(context.Context) error { return nil }, gv.WithName("victim"))
		select {
		case <-written:
			late = true
		case <-time.After(50 * time.Millisecond):
		}
	}
	hog.Cancel(nil)

	fmt.Println("hog is in the file:", slices.Contains(threadsIn(file.Bytes()), "hog"))
	// Output: hog is in the file: true
}

// threadsIn returns the names of the threads of which a file has slices.
func threadsIn(file []byte) (names []string) {
	var in struct {
		TraceEvents []struct{ Ph, Name string }
	}
	if err := json.Unmarshal(file, &in); err != nil {
		log.Fatal(err)
	}
	for _, e := range in.TraceEvents {
		if e.Ph == "X" && !slices.Contains(names, e.Name) {
			names = append(names, e.Name)
		}
	}
	return names
}

// The next 10 ms of what the workers do.
func ExampleRecord() {
	rt, err := gv.New(gv.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	compute := rt.Go(func(ctx context.Context) error {
		for ctx.Err() == nil {
			gv.Safepoint()
		}
		return nil
	}, gv.WithName("compute"))
	defer compute.Cancel(nil)
	for compute.State() != gv.StateRunning {
		time.Sleep(time.Millisecond)
	}

	var file bytes.Buffer
	if err := gvtrace.Record(context.Background(), rt, &file, 10*time.Millisecond); err != nil {
		log.Fatal(err)
	}
	fmt.Println(threadsIn(file.Bytes()))
	// Output: [compute]
}

func ExampleHandler() {
	mux := http.NewServeMux()
	mux.Handle("GET /debug/gvtrace", gvtrace.Handler(nil))
}
