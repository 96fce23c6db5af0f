package gvtrace_test

import (
	"bytes"
	"context"
	"encoding/json"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/gvtrace"
)

// until waits for a condition.
func until(ok func() bool) {
	for !ok() {
		time.Sleep(100 * time.Microsecond)
	}
}

// start starts a recorder of rt that is stopped when the test ends.
func start(t *testing.T, rt *gv.Runtime, c gvtrace.Config) *gvtrace.FlightRecorder {
	t.Helper()
	r := gvtrace.NewFlightRecorder(rt, c)
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Stop)
	return r
}

// tick starts a thread that has a turn every millisecond.
func tick(rt *gv.Runtime) *gv.Thread {
	return rt.Go(func(context.Context) error {
		for gv.Sleep(time.Millisecond) == nil {
		}
		return nil
	}, gv.WithName("ticker"))
}

// untilTicks records for longer and longer, until the ticker is in the file, which is of the
// time that was asked for. On a busy machine it may have no turn for a while.
func untilTicks(t *testing.T, record func(d time.Duration) []byte) {
	t.Helper()
	for d := 10 * time.Millisecond; ; d *= 2 {
		tl := read(t, record(d))
		if tl.end != int64(d) {
			t.Errorf("the file is of %v, want %v", time.Duration(tl.end), d)
		}
		if len(tl.named("ticker")) > 0 {
			return
		}
	}
}

// long is longer than any test.
const long = time.Hour

// A timeline is a file that has been read, and found to be in order.
type timeline struct {
	lost    int
	workers int
	end     int64
	// slices are those of each worker, in order.
	slices   [][]slice
	instants []instant
	flows    []flow
	counters map[string][]sample
}

// Times are in nanoseconds since the beginning of the timeline.
type slice struct {
	name, priority, effective, endedBy string
	id                                 uint64
	begin, end, waited                 int64
}

type instant struct {
	name   string
	worker int
	at     int64
}

// A flow is an arrow, from a slice to another.
type flow struct {
	from, to   slice
	begin, end int64
}

type sample struct {
	at     int64
	values map[string]int
}

// events are what the format has.
type events struct {
	Other struct {
		Workers int
		Lost    int `json:"turns_lost"`
		Seconds float64
	} `json:"otherData"`
	Events []eventJSON `json:"traceEvents"`
}

type eventJSON struct {
	Ph, Name, Cat, S, BP string
	Pid, Tid             int
	ID                   *int
	Ts, Dur              json.Number
	Args                 map[string]any
}

// read reads a file, and checks what holds for all of them: the slices of a worker follow
// one another; instants are at an end of one of them; a flow has two ends, which are in slices;
// and no counter is below 0.
func read(t *testing.T, file []byte) *timeline {
	t.Helper()
	var in events
	d := json.NewDecoder(bytes.NewReader(file))
	d.UseNumber()
	if err := d.Decode(&in); err != nil {
		t.Fatalf("%v in %.2000s", err, file)
	}
	tl := &timeline{
		lost: in.Other.Lost, workers: in.Other.Workers, end: int64(in.Other.Seconds*1e9 + 0.5),
		slices: make([][]slice, in.Other.Workers), counters: map[string][]sample{},
	}
	starts, ends := map[int]eventJSON{}, map[int]eventJSON{}
	for _, e := range in.Events {
		if e.Ph != "M" && e.Ph != "C" && (e.Tid < 1 || e.Tid > tl.workers) {
			t.Fatalf("%+v is on none of %d tracks", e, tl.workers)
		}
		switch e.Ph {
		case "M":
		case "X":
			tl.slice(t, e)
		case "i":
			tl.instants = append(tl.instants, instant{e.Name, e.Tid, nanoseconds(t, e.Ts)})
		case "s":
			starts[*e.ID] = e
		case "f":
			ends[*e.ID] = e
		case "C":
			tl.sample(t, e)
		default:
			t.Fatalf("an event of kind %q: %+v", e.Ph, e)
		}
	}
	for _, i := range tl.instants {
		if tl.at(i.worker, i.at) == nil {
			t.Errorf("an instant where worker %d has no slice: %+v", i.worker, i)
		}
	}
	if len(starts) != len(ends) {
		t.Errorf("%d arrows begin, and %d end", len(starts), len(ends))
	}
	for id, s := range starts {
		tl.flow(t, s, ends[id])
	}
	return tl
}

// slice adds one.
func (tl *timeline) slice(t *testing.T, e eventJSON) {
	t.Helper()
	text := func(key string) string {
		s, ok := e.Args[key].(string)
		if !ok || s == "" {
			t.Errorf("a slice without %q: %+v", key, e)
		}
		return s
	}
	id, err := e.Args["id"].(json.Number).Int64()
	if err != nil {
		t.Fatal(err)
	}
	s := slice{
		name: e.Name, priority: text("priority"), effective: text("effective"), endedBy: text("ended by"),
		id: uint64(id), begin: nanoseconds(t, e.Ts), waited: nanoseconds(t, e.Args["waited_us"].(json.Number)),
	}
	s.end = s.begin + nanoseconds(t, e.Dur)
	track := &tl.slices[e.Tid-1]
	if n := len(*track); n > 0 && s.begin < (*track)[n-1].end {
		t.Errorf("worker %d: %+v begins before %+v ends", e.Tid, s, (*track)[n-1])
	}
	if s.end > tl.end || s.waited < 0 {
		t.Errorf("worker %d: %+v in %d ns", e.Tid, s, tl.end)
	}
	*track = append(*track, s)
}

// sample adds one.
func (tl *timeline) sample(t *testing.T, e eventJSON) {
	t.Helper()
	s := sample{nanoseconds(t, e.Ts), map[string]int{}}
	for series, v := range e.Args {
		n, err := v.(json.Number).Int64()
		if err != nil || n < 0 {
			t.Errorf("counter %s, at %d ns: %s is %v, %v", e.Name, s.at, series, v, err)
		}
		s.values[series] = int(n)
	}
	of := tl.counters[e.Name]
	if n := len(of); n > 0 && s.at < of[n-1].at || s.at > tl.end {
		t.Errorf("counter %s goes back to %d ns", e.Name, s.at)
	}
	tl.counters[e.Name] = append(of, s)
}

// flow adds one.
func (tl *timeline) flow(t *testing.T, s, f eventJSON) {
	t.Helper()
	begin, end := nanoseconds(t, s.Ts), nanoseconds(t, f.Ts)
	from, to := tl.at(s.Tid, begin), tl.at(f.Tid, end)
	if from == nil || to == nil || end < begin || f.BP != "e" {
		t.Errorf("an arrow from %+v to %+v, which is from %+v to %+v", from, to, s, f)
		return
	}
	tl.flows = append(tl.flows, flow{*from, *to, begin, end})
}

// at returns the last slice of a worker, from 1 on, that has begun at a time, and has not
// ended; nil if there is none.
func (tl *timeline) at(worker int, at int64) *slice {
	of := tl.slices[worker-1]
	i := sort.Search(len(of), func(i int) bool { return of[i].begin > at }) - 1
	if i < 0 || of[i].end < at {
		return nil
	}
	return &of[i]
}

// all returns the slices of all workers.
func (tl *timeline) all() (all []slice) {
	for _, of := range tl.slices {
		all = append(all, of...)
	}
	return all
}

// nanoseconds reads a number of microseconds, without rounding.
func nanoseconds(t *testing.T, n json.Number) int64 {
	t.Helper()
	whole, fraction, _ := strings.Cut(n.String(), ".")
	ns, err := strconv.ParseInt(whole+(fraction + "000")[:3], 10, 64)
	if err != nil || len(fraction) > 3 {
		t.Fatalf("%q is no number of microseconds with up to three decimals", n)
	}
	return ns
}

// snapshot returns what r has recorded up to now.
func snapshot(t *testing.T, r *gvtrace.FlightRecorder) *timeline {
	t.Helper()
	var b bytes.Buffer
	n, err := r.WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatalf("WriteTo: %d, %v, and there are %d bytes", n, err, b.Len())
	}
	return read(t, b.Bytes())
}
