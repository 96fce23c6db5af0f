package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"runtime"
)

// An otherTask says what a busy process is to do.
type otherTask struct {
	Threads int
}

// An otherReady is its answer.
type otherReady struct{}

// startOther starts a process that keeps so many threads busy until stop is called.
func startOther(ctx context.Context, threads int) (stop func() error, err error) {
	other, err := startChild(ctx, roleOther, "", otherTask{threads})
	if err != nil {
		return nil, err
	}
	return other.end, other.read(&otherReady{})
}

// runOther is a busy process beside the server: it computes in so many threads until in
// ends.
func runOther(in *bufio.Reader, out *json.Encoder) error {
	var task otherTask
	if err := readTask(in, &task); err != nil {
		return err
	}
	runtime.GOMAXPROCS(task.Threads)
	for range task.Threads {
		go func() {
			for n := 0; ; n++ {
			}
		}()
	}
	if err := out.Encode(otherReady{}); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, in)
	return err
}
