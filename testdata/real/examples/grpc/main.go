// The gRPC example serves calls in gvthreads by an interceptor over Runtime.Do: gRPC's own
// goroutine is the thread while the handler runs, and its priority is chosen by the method.
// It runs a health service and a client of it, beside Low threads that compute all the time
// on all workers.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"

	gv "github.com/gvthread/gvthread/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
)

func main() {
	if err := run(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(out io.Writer) error {
	rt, err := gv.New(gv.Config{})
	if err != nil {
		return err
	}
	defer rt.Close() // ends the threads that compute, too
	for range 2 * rt.Stats().Workers {
		rt.Go(compute, gv.WithPriority(gv.Low))
	}

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := grpc.NewServer(grpc.UnaryInterceptor(interceptor(rt, byMethod)))
	grpc_health_v1.RegisterHealthServer(srv, &health{out: out})
	go srv.Serve(l)
	defer srv.Stop()
	return ask(out, l.Addr().String())
}

// byMethod has checks of one service answered first: others wait for them.
func byMethod(method string) gv.Priority {
	if method == grpc_health_v1.Health_Check_FullMethodName {
		return gv.Critical
	}
	return gv.Normal
}

// compute does so until its thread is cancelled.
func compute(ctx context.Context) error {
	for ctx.Err() == nil {
		gv.Safepoint()
	}
	return nil
}

// health says which thread it is called in.
type health struct {
	grpc_health_v1.UnimplementedHealthServer
	out io.Writer
}

func (h *health) Check(context.Context, *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	fmt.Fprintln(h.out, gv.Current().Name(), gv.Current().Priority())
	return &grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_SERVING}, nil
}

func (h *health) List(context.Context, *grpc_health_v1.HealthListRequest) (*grpc_health_v1.HealthListResponse, error) {
	fmt.Fprintln(h.out, gv.Current().Name(), gv.Current().Priority())
	return &grpc_health_v1.HealthListResponse{}, nil
}

// ask makes a call of each method.
func ask(out io.Writer, addr string) error {
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	client := grpc_health_v1.NewHealthClient(conn)
	answer, err := client.Check(context.Background(), &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "the service is", answer.Status)
	_, err = client.List(context.Background(), &grpc_health_v1.HealthListRequest{})
	return err
}
