package main

import (
	"context"

	gv "github.com/gvthread/gvthread/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// interceptor runs each call as a thread of rt, of the priority that its method has.
//
// To gRPC the handler behaves as without it: a panic is passed on, and the thread's
// context ends with the call's. A call that gets no thread, because rt is closed or full,
// has the status Unavailable.
func interceptor(rt *gv.Runtime, priority func(method string) gv.Priority) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (resp any, err error) {
		began := false
		err = rt.Do(func(ctx context.Context) (err error) {
			began = true
			resp, err = handler(ctx, req)
			return err
		}, gv.WithContext(ctx), gv.WithPriority(priority(info.FullMethod)), gv.WithName(info.FullMethod), gv.WithRepanic())
		switch {
		case began:
			return resp, err
		case ctx.Err() != nil: // it was over before the first turn
			return nil, status.FromContextError(ctx.Err()).Err()
		}
		return nil, status.Error(codes.Unavailable, err.Error())
	}
}
