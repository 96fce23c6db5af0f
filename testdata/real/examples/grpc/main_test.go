package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestExample(t *testing.T) {
	var out strings.Builder
	if err := run(&out); err != nil {
		t.Fatal(err)
	}
	const want = `/grpc.health.v1.Health/Check Critical
the service is SERVING
/grpc.health.v1.Health/List Normal
`
	if out.String() != want {
		t.Errorf("it prints\n%swant\n%s", &out, want)
	}
}

// call makes a call through the interceptor.
func call(ctx context.Context, rt *gv.Runtime, handler grpc.UnaryHandler) (any, error) {
	return interceptor(rt, byMethod)(ctx, "request", &grpc.UnaryServerInfo{FullMethod: "/x/Y"}, handler)
}

func open(t *testing.T, c gv.Config) *gv.Runtime {
	rt, err := gv.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rt.Close() })
	return rt
}

// What the handler returns, and panics with, is what gRPC gets.
func TestPassesOn(t *testing.T) {
	rt := open(t, gv.Config{})
	refused := status.Error(codes.PermissionDenied, "no")
	resp, err := call(t.Context(), rt, func(_ context.Context, req any) (any, error) { return req, refused })
	if resp != "request" || err != refused {
		t.Errorf("%v, %v", resp, err)
	}
	defer func() {
		if v := recover(); v != "out of luck" {
			t.Errorf("panic %v", v)
		}
	}()
	call(t.Context(), rt, func(context.Context, any) (any, error) { panic("out of luck") })
}

// The end of the call's context ends what its thread waits for.
func TestDeadline(t *testing.T) {
	rt := open(t, gv.Config{})
	ctx, stop := context.WithTimeout(t.Context(), time.Second/5)
	defer stop()
	_, err := call(ctx, rt, func(context.Context, any) (any, error) { return nil, gv.Sleep(time.Hour) })
	// Of a handler that had no turn before, it is a status.
	if !errors.Is(err, context.DeadlineExceeded) && status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("error %v", err)
	}
}

// Calls that get no thread have a status that a client knows.
func TestGetsNoThread(t *testing.T) {
	never := func(context.Context, any) (any, error) {
		t.Error("the handler ran")
		return nil, nil
	}
	full := open(t, gv.Config{MaxThreads: 1})
	full.Go(func(context.Context) error { return gv.Sleep(time.Hour) })
	if _, err := call(t.Context(), full, never); status.Code(err) != codes.Unavailable {
		t.Errorf("of a full runtime: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := call(ctx, full, never); status.Code(err) != codes.Canceled {
		t.Errorf("of a call that was cancelled: %v", err)
	}
}
