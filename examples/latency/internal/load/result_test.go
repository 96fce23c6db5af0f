package load

import (
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/gvthread/gvthread/examples/latency/internal/way"
)

func TestMerge(t *testing.T) {
	a := &Result{Rate: 10, Answered: 3, Unanswered: 1, Latency: Samples{1, 4}, Late: Samples{2}, RealTime: true,
		Parts: Parts{ToHandler: Samples{5}, ToThread: Samples{9}, ToDone: Samples{1, 7}, ToAnswer: Samples{3}}}
	b := &Result{Rate: 20, Answered: 4, Latency: Samples{2, 3}, Late: Samples{1},
		Parts: Parts{ToHandler: Samples{6}, ToThread: Samples{8}, ToDone: Samples{2}, ToAnswer: Samples{4}}}
	want := &Result{Rate: 15, Answered: 7, Unanswered: 1, Latency: Samples{1, 2, 3, 4}, Late: Samples{1, 2},
		Parts: Parts{ToHandler: Samples{5, 6}, ToThread: Samples{8, 9}, ToDone: Samples{1, 2, 7}, ToAnswer: Samples{3, 4}}}
	if got := Merge(a, b); !reflect.DeepEqual(got, want) {
		t.Errorf("merged to %+v, want %+v", got, want)
	}
}

// The parts of a request's way are known if the server tells.
func TestParts(t *testing.T) {
	const work = 20 * time.Millisecond
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(work)
		echo(w, r)
	})
	cfg := Config{Conns: 2, Rate: 50, Duration: 200 * time.Millisecond, Drain: long,
		Requests: []Request{get("/x", "you said /x")}}
	for _, tt := range []struct {
		name    string
		handler http.Handler
		want    int
	}{
		{"told", way.Arrive(way.Work(slow)), 10},
		{"not told", slow, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg.Addr = serve(t, tt.handler.ServeHTTP)
			res, err := Run(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			p := res.Parts
			for _, s := range []Samples{p.ToHandler, p.ToThread, p.ToDone, p.ToAnswer} {
				if len(s) != tt.want {
					t.Errorf("%d samples, want %d", len(s), tt.want)
				}
			}
			if tt.want > 0 && p.ToDone[0] < work {
				t.Errorf("a handler that takes %v was done after %v", work, p.ToDone[0])
			}
		})
	}
}
