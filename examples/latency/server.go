package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"time"

	"github.com/gvthread/gvthread/examples/latency/internal/corpus"
	"github.com/gvthread/gvthread/examples/latency/internal/way"
)

// A serverTask says what a server process is to do.
type serverTask struct {
	Mode    string
	Work    string
	Engine  string
	Source  string
	Threads int
	Workers int
	Wakes   bool // count late wake-ups
}

// A serverReady is a server's first answer.
type serverReady struct {
	Addr string
	// Engine says, for gvthreads, what the threads run on.
	Engine string
}

// A snapshot is a server's answer to a line on its standard input: what it has
// done so far.
type snapshot struct {
	At    time.Duration // since the start
	Files int64         // processed in the background
	Bytes int64
	Error string // of the background work
	counts
	Usage *usage // nil from builds that don't tell
}

// plus returns s + n·t, for what can be counted.
func (s snapshot) plus(n int64, t snapshot) snapshot {
	return snapshot{
		At:     s.At + time.Duration(n)*t.At,
		Files:  s.Files + n*t.Files,
		Bytes:  s.Bytes + n*t.Bytes,
		counts: s.counts.plus(n, t.counts),
		Usage:  s.Usage.plus(n, t.Usage),
	}
}

// runServer is the server process: it serves and works until in ends.
func runServer(in *bufio.Reader, out *json.Encoder) error {
	var task serverTask
	if err := readTask(in, &task); err != nil {
		return err
	}
	runtime.GOMAXPROCS(task.Workers)
	files, err := corpus.Open(task.Source)
	if err != nil {
		return err
	}
	work, err := newBackground(task.Work, files)
	if err != nil {
		return err
	}
	sys, err := newSystem(task)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("serving: %w", err)
	}
	srv := &http.Server{Handler: way.Arrive(sys.handler(way.Work(describer(files))))}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	sys.start(task.Threads, work.turn)

	err = control(in, out, serverReady{ln.Addr().String(), sys.engine()}, func() snapshot {
		s := work.snapshot()
		s.counts, s.Usage = sys.counts(), currentUsage()
		return s
	})
	work.stop()
	err = errors.Join(err, srv.Close(), sys.close())
	if e := <-served; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}

// readTask reads the first line of a child's standard input.
func readTask(in *bufio.Reader, task any) error {
	line, err := in.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, task)
	}
	if err != nil {
		return fmt.Errorf("reading the task: %w", err)
	}
	return nil
}

// control says that the server is ready, and answers each further line of in
// with a snapshot.
func control(in *bufio.Reader, out *json.Encoder, ready serverReady, take func() snapshot) error {
	if err := out.Encode(ready); err != nil {
		return err
	}
	for {
		if _, err := in.ReadString('\n'); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := out.Encode(take()); err != nil {
			return err
		}
	}
}
