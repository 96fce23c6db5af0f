package gv_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	goruntime "runtime"
	"strconv"
	"strings"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

func TestPanicErrorUnwraps(t *testing.T) {
	rt := open(t, gv.Config{})
	err := rt.Go(panicWith(io.ErrUnexpectedEOF)).Wait()
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v does not wrap the error that was the panic's value", err)
	}
	var nilPanic *goruntime.PanicNilError
	if err := rt.Go(panicWith(nil)).Wait(); !errors.As(err, &nilPanic) {
		t.Errorf("panic(nil): %v", err)
	}
	var bounds goruntime.Error
	if err := rt.Go(func(context.Context) error {
		var s []int
		_ = s[len(s)]
		return nil
	}).Wait(); !errors.As(err, &bounds) {
		t.Errorf("index out of range: %v", err)
	}
}

// A PanicError prints as its value; the stack is for those who ask for it.
func TestPanicErrorPrints(t *testing.T) {
	rt := open(t, gv.Config{})
	err := rt.Go(panicWith("boom")).Wait()
	const text = "gv: thread panicked: boom"
	for format, want := range map[string]string{
		"%v": text, "%s": text, "%q": strconv.Quote(text), "%30v": "     " + text, "%.2s": "gv",
	} {
		if got := fmt.Sprintf(format, err); got != want {
			t.Errorf("%s prints %q, want %q", format, got, want)
		}
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Error("x", "err", err)
	for how, got := range map[string]string{"%+v": fmt.Sprintf("%+v", err), "slog": log.String()} {
		if !strings.Contains(got, text) || !strings.Contains(got, "explode") || !strings.Contains(got, "panic_test.go") {
			t.Errorf("%s prints %q, want text and stack", how, got)
		}
	}
	if got := fmt.Sprintf("%v", fmt.Errorf("wrapped: %w", err)); got != "wrapped: "+text {
		t.Errorf("wrapped it is %q", got)
	}
}

// What Run and Close return of several panics prints their stacks if asked to, too.
func TestJoinedPanicsPrint(t *testing.T) {
	rt := open(t, gv.Config{})
	err := rt.Run(func(context.Context) error {
		gv.Go(panicWith("first"))
		gv.Go(panicWith("second"))
		return errStop
	})
	if n := strings.Count(fmt.Sprint(err), "explode"); n != 0 {
		t.Errorf("%v has %d stacks", err, n)
	}
	text := fmt.Sprintf("%+v", err)
	for _, part := range []string{"stop", "panicked: first", "panicked: second"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in %s", part, text)
		}
	}
	if n := strings.Count(text, "_test.explode("); n != 2 {
		t.Errorf("%d stacks, want 2, in %s", n, text)
	}
	if parts, ok := err.(interface{ Unwrap() []error }); !ok || len(parts.Unwrap()) != 3 {
		t.Errorf("%T is not what errors.Join makes", err)
	}
}
