package gvtrace

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/event"
)

// A file writes the events of a window. All of them are of one process, and the workers are
// its threads: in the format, those are what has a track.
type file struct {
	out    *bufio.Writer
	source event.Source
	window *event.Window
	// line is the event that is being written; comma says that another is before it.
	line  []byte
	comma bool
	// names has those of the threads, as JSON.
	names map[string][]byte
}

// process is the number of the process. 0 means the operating system's idle one to viewers.
const process = 1

// write writes w, which is of source, to out.
func write(out io.Writer, source event.Source, w *event.Window) (n int64, err error) {
	count := &counter{w: out}
	f := &file{out: bufio.NewWriterSize(count, 1<<16), source: source, window: w, names: map[string][]byte{}}
	f.out.WriteString(`{"displayTimeUnit":"ns","otherData":`)
	f.out.Write(f.about())
	f.out.WriteString(",\n\"traceEvents\":[\n")
	f.metadata()
	for i := range w.Workers {
		for j := range w.Workers[i].Turns {
			f.turn(i, &w.Workers[i].Turns[j])
		}
	}
	f.flows()
	f.counters()
	f.out.WriteString("\n]}\n")
	err = f.out.Flush() // the first error of all writes
	return count.n, err
}

// A counter counts what is written.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// about returns what there is to say of the file as a whole.
func (f *file) about() []byte {
	w := f.window
	text, err := json.Marshal(struct {
		Begin   string  `json:"begin"`
		Seconds float64 `json:"seconds"`
		Workers int     `json:"workers"`
		Lost    uint64  `json:"turns_lost"`
		Arrows  uint64  `json:"wakes_lost"`
	}{f.begin().Format(time.RFC3339Nano), time.Duration(w.End - w.Start).Seconds(), len(w.Workers), w.Lost, w.LostWakes})
	if err != nil {
		panic(err) // there is nothing in it that could fail
	}
	return text
}

// metadata names the process and its tracks, and says what is missing.
func (f *file) metadata() {
	f.event("M", "process_name", -1, -1)
	f.line = append(f.line, `,"args":{"name":"gv runtime"}`...)
	f.end()
	if lost := f.window.Lost; lost > 0 {
		f.event("M", "process_labels", -1, -1)
		f.line = fmt.Appendf(f.line, `,"args":{"labels":"%d earlier turns lost"}`, lost)
		f.end()
	}
	for i := range f.window.Workers {
		f.event("M", "thread_name", i, -1)
		f.line = fmt.Appendf(f.line, `,"args":{"name":"worker %d"}`, i+1)
		f.end()
	}
}

// turn writes the slice of a turn on a worker, and the instants at its ends.
func (f *file) turn(worker int, t *event.Turn) {
	begin, end, ended := f.clip(t)
	f.event("X", "", worker, begin)
	f.line = append(f.line, `,"dur":`...)
	f.line = appendMicroseconds(f.line, end-begin)
	f.line = append(f.line, `,"name":`...)
	f.line = append(f.line, f.name(t)...)
	f.line = append(f.line, `,"args":{"id":`...)
	f.line = strconv.AppendUint(f.line, t.Thread, 10)
	f.line = fmt.Appendf(f.line, `,"priority":"%v","effective":"%v","waited_us":`, gv.Priority(t.Priority), gv.Priority(t.Effective))
	f.line = appendMicroseconds(f.line, max(0, t.Begin-t.Ready))
	f.line = append(f.line, `,"ended by":"`...)
	if ended {
		f.line = append(f.line, causes[t.Cause].text...)
		if t.Cause == event.Waits {
			f.line = append(f.line, f.source.WaitText(t.Wait)...)
		}
	} else {
		f.line = append(f.line, causes[event.Unended].text...)
	}
	f.line = append(f.line, `"}`...)
	f.end()
	if t.Boosted && t.Begin >= f.window.Start {
		f.instant("boost", worker, begin)
	}
	if kind := causes[t.Cause].instant; ended && kind != "" {
		f.instant(kind, worker, end)
	}
}

// clip returns the part of t that is in the window, and whether its end is.
func (f *file) clip(t *event.Turn) (begin, end int64, ended bool) {
	w := f.window
	begin, end = max(t.Begin, w.Start), t.End
	if ended = t.Cause != event.Unended && t.End <= w.End; !ended {
		end = w.End
	}
	return begin, end, ended
}

// instant writes one.
func (f *file) instant(name string, worker int, at int64) {
	f.event("i", name, worker, at)
	f.line = append(f.line, `,"s":"t"`...)
	f.end()
}

// name returns the name of t's thread, as JSON.
func (f *file) name(t *event.Turn) []byte {
	if t.Name == "" {
		return strconv.AppendQuote(nil, "thread "+strconv.FormatUint(t.Thread, 10))
	}
	text, ok := f.names[t.Name]
	if !ok {
		text, _ = json.Marshal(t.Name) // there is no string that fails
		f.names[t.Name] = text
	}
	return text
}

// event begins an event of a kind and with a name, if there is one, on the track of a worker,
// or, with -1, of the process, and at a time, or, with -1, without one.
func (f *file) event(kind, name string, worker int, at int64) {
	f.line = append(f.line[:0], `{"ph":"`...)
	f.line = append(f.line, kind...)
	f.line = append(f.line, `","pid":`...)
	f.line = strconv.AppendInt(f.line, process, 10)
	if worker >= 0 {
		f.line = append(f.line, `,"tid":`...)
		f.line = strconv.AppendInt(f.line, int64(worker+1), 10)
	}
	if at >= 0 {
		f.line = append(f.line, `,"ts":`...)
		f.line = appendMicroseconds(f.line, at-f.window.Start)
	}
	if name != "" {
		f.line = append(f.line, `,"name":"`...)
		f.line = append(f.line, name...)
		f.line = append(f.line, '"')
	}
}

// end writes the event. An error is that of the Flush at the end.
func (f *file) end() {
	if f.comma {
		f.out.WriteString(",\n")
	}
	f.comma = true
	f.line = append(f.line, '}')
	f.out.Write(f.line)
}

// appendMicroseconds adds a time in nanoseconds, at least 0, as the format has it.
func appendMicroseconds(b []byte, ns int64) []byte {
	b = strconv.AppendInt(b, ns/1000, 10)
	if ns %= 1000; ns != 0 {
		b = append(b, '.', byte('0'+ns/100), byte('0'+ns/10%10), byte('0'+ns%10))
	}
	return b
}

// begin returns when the window begins, on the wall clock.
func (f *file) begin() time.Time {
	return f.window.Wall.Add(-time.Duration(f.window.End - f.window.Start))
}
