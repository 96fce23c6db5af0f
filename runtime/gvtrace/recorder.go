package gvtrace

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"github.com/gvthread/gvthread/runtime/internal/event"
)

// A Config sets up a FlightRecorder.
type Config struct {
	// MinAge is how much of the past is kept at least, as far as MaxBytes allows. 0 means
	// 10 s.
	MinAge time.Duration
	// MaxBytes is how much memory the recorder may take, and comes before MinAge. 0
	// means 10 MiB, which is about 100,000 turns; the most is 1 GiB. Each worker has its
	// share, and room for 64 turns at least. Not counted are the names of threads, which
	// are kept as they are, and what WriteTo takes while it runs: as much again, and more
	// for each thread.
	MaxBytes uint64
}

const (
	defaultAge   = 10 * time.Second
	defaultBytes = 10 << 20
	maxBytes     = 1 << 30
)

// A FlightRecorder keeps the last seconds of what the workers of a runtime have done. Any
// number may record the same runtime at a time, also beside Record.
//
// All methods may be called from any goroutine or thread.
type FlightRecorder struct {
	rt     *gv.Runtime
	config Config

	// lock guards current.
	lock    sync.Mutex
	current *session
	// writing is held by a WriteTo.
	writing sync.Mutex
}

// A session is what is between Start and Stop.
type session struct {
	source    event.Source
	recording *event.Recording
	age       time.Duration
}

// NewFlightRecorder returns a recorder of rt that has not been started. A nil rt stands for
// the runtime that gv.Go uses where Start is called.
func NewFlightRecorder(rt *gv.Runtime, c Config) *FlightRecorder {
	return &FlightRecorder{rt: rt, config: c}
}

// complete returns c with the defaults filled in, or says what is wrong.
func (c Config) complete() (Config, error) {
	if c.MinAge < 0 {
		return c, fmt.Errorf("Config.MinAge is %v; it must not be negative (0 means %v)", c.MinAge, defaultAge)
	}
	if c.MaxBytes > maxBytes {
		return c, fmt.Errorf("Config.MaxBytes is %d; at most %d can be had", c.MaxBytes, maxBytes)
	}
	if c.MinAge == 0 {
		c.MinAge = defaultAge
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = defaultBytes
	}
	return c, nil
}

// Start begins to record. It fails if the recorder has been started already, if its Config
// is not valid, and, with an error that wraps gv.ErrRuntimeClosed, if the runtime is closed.
func (r *FlightRecorder) Start() error {
	if err := r.start(); err != nil {
		return fmt.Errorf("gvtrace: start flight recorder: %w", err)
	}
	return nil
}

func (r *FlightRecorder) start() error {
	c, err := r.config.complete()
	if err != nil {
		return err
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.current != nil {
		return errors.New("it has been started already; call Stop first")
	}
	source := event.Of(r.rt)
	recording, err := source.Start(c.MaxBytes)
	if err != nil {
		return err
	}
	r.current = &session{source, recording, c.MinAge}
	return nil
}

// Stop ends the recording, and forgets it. It waits for a WriteTo that is under way. If the
// recorder has not been started, it does nothing.
func (r *FlightRecorder) Stop() {
	r.lock.Lock()
	s := r.current
	r.current = nil
	r.lock.Unlock()
	if s == nil {
		return
	}
	r.writing.Lock()
	defer r.writing.Unlock()
	s.source.Stop(s.recording)
}

// Enabled reports whether the recorder has been started, and not stopped since.
func (r *FlightRecorder) Enabled() bool { return r.started() != nil }

func (r *FlightRecorder) started() *session {
	r.lock.Lock()
	defer r.lock.Unlock()
	return r.current
}

// WriteTo writes what has been recorded up to now, and returns how many bytes that is. The
// recording goes on. Threads go on, too, also with a lot to write: they are held up for some
// microseconds at most, and in their starts and ends as by [gv.Runtime.Threads]. The runtime may
// have been closed meanwhile.
//
// It fails if the recorder has not been started, if another WriteTo of it is under way, whose
// file then serves as well, and if w does.
func (r *FlightRecorder) WriteTo(w io.Writer) (n int64, err error) {
	if n, err = r.writeTo(w); err != nil {
		return n, fmt.Errorf("gvtrace: write flight recording: %w", err)
	}
	return n, nil
}

func (r *FlightRecorder) writeTo(w io.Writer) (n int64, err error) {
	free := r.writing.TryLock()
	if free {
		defer r.writing.Unlock()
	}
	s := r.started()
	switch {
	case s == nil:
		return 0, errors.New("the recorder has not been started")
	case !free:
		return 0, errors.New("another WriteTo is under way")
	}
	return write(w, s.source, s.source.Window(s.recording, int64(s.age)))
}
