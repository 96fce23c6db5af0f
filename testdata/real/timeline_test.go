package real_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvtrace"
)

// The trace viewer of the Go distribution shows a timeline, without warnings, and with all that
// is in it.
func TestTimelineInViewer(t *testing.T) {
	for _, engine := range []gv.Engine{gv.Native, gv.Portable} {
		t.Run(engine.String(), func(t *testing.T) {
			rt, err := gv.New(gv.Config{Engine: engine, Workers: 2})
			if err != nil {
				t.Skip(err)
			}
			defer rt.Close()
			stop := busy(rt)
			defer stop()
			numbers := gv.NewChan[int](0)
			rt.Go(func(context.Context) error {
				for gv.Sleep(time.Millisecond) == nil && numbers.Send(1) == nil {
				}
				return nil
			}, gv.WithName("producer"), gv.WithPriority(gv.Critical))
			rt.Go(func(context.Context) error {
				for range numbers.All() {
				}
				return nil
			}, gv.WithName("receiver"), gv.WithPriority(gv.Critical))
			var file bytes.Buffer
			if err := gvtrace.Record(t.Context(), rt, &file, 300*time.Millisecond); err != nil {
				t.Fatal(err)
			}
			p := openTimeline(t, file.Bytes())
			p.checkTimeline(file.Bytes())
		})
	}
}

// openTimeline opens a file in the trace viewer.
func openTimeline(t *testing.T, file []byte) *tab {
	t.Helper()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	viewer := filepath.Join(strings.TrimSpace(string(root)), "src/internal/trace/traceviewer/static")
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir("viewer")))
	mux.Handle("/static/", http.StripPrefix("/static", http.FileServer(http.Dir(viewer))))
	mux.HandleFunc("/file.json", func(w http.ResponseWriter, r *http.Request) { w.Write(file) })
	p := openURL(t, serveHTTP(t, mux)+"/", "slider-vertical") // what a new Chromium says of the viewer's own style
	p.await(`state !== 'loading'`)
	if state := eval[string](p, `state`); state != "shown" {
		t.Fatalf("the viewer says: %s", state)
	}
	return p
}

// checkTimeline compares what the viewer has with what is in the file.
func (p *tab) checkTimeline(file []byte) {
	t := p.t
	t.Helper()
	var in struct {
		Events []struct {
			Ph, Name string
			Tid      int
		} `json:"traceEvents"`
	}
	if err := json.Unmarshal(file, &in); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{}
	for _, e := range in.Events {
		switch e.Ph {
		case "X", "i":
			want[fmt.Sprint(e.Ph, " on worker ", e.Tid)]++
		case "f":
			want["arrows"]++
		}
	}
	if warnings := eval[string](p, `JSON.stringify(model.importWarnings)`); warnings != "[]" {
		t.Errorf("the viewer warns of %s", warnings)
	}
	// A slice that overlapped another would not be at the top. Instants are below slices.
	got := eval[map[string]int](p, `(() => {
		const got = {arrows: model.flowEvents.filter((f) => f.startSlice && f.endSlice).length};
		for (const t of Object.values(model.getProcess(1).threads)) {
			const top = t.sliceGroup.topLevelSlices.length;
			got['X on ' + t.name] = top;
			got['i on ' + t.name] = t.sliceGroup.length - top;
		}
		return got;
	})()`)
	if !maps.Equal(got, want) || want["arrows"] == 0 || want["X on worker 2"] == 0 {
		t.Errorf("the viewer has %v, and the file %v", got, want)
	}
	const arrows = `[...new Set(model.flowEvents.map((f) => f.startSlice.title + ' to ' + f.endSlice.title))].sort()`
	if ends := eval[[]string](p, arrows); len(ends) == 0 || slices.ContainsFunc(ends, func(e string) bool { return e != "producer to receiver" && e != "receiver to producer" }) {
		t.Errorf("the viewer has arrows from %q", ends)
	}
	const counters = `Object.values(model.getProcess(1).counters).map((c) => c.name + ': ' + c.series.map((s) => s.name).join()).sort().join('; ')`
	if got, want := eval[string](p, counters), "ready threads: Critical,High,Normal,Low; threads without a worker: in gv.Block,worker was taken"; got != want {
		t.Errorf("the viewer has counters %s, want %s", got, want)
	}
	// They are on the screen, too.
	for _, track := range []string{"gv runtime", "worker 1", "worker 2", "ready threads", "threads without a worker"} {
		p.await(fmt.Sprintf(`document.body.innerText.includes(%q)`, track))
	}
}
