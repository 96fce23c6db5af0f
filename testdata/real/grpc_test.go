package real_test

import (
	"context"
	"fmt"
	"net"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// A patient is a service that says when it is called, and answers when it is stopped.
type patient struct {
	grpc_health_v1.UnimplementedHealthServer
	called  chan struct{}
	stopped chan struct{}
}

func (p *patient) Check(context.Context, *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	p.called <- struct{}{}
	<-p.stopped
	return &grpc_health_v1.HealthCheckResponse{}, nil
}

func (p *patient) Watch(*grpc_health_v1.HealthCheckRequest, grpc.ServerStreamingServer[grpc_health_v1.HealthCheckResponse]) error {
	p.called <- struct{}{}
	<-p.stopped
	return nil
}

// serve returns a client of a patient server.
func serve(t *testing.T) (*patient, grpc_health_v1.HealthClient) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &patient{called: make(chan struct{}), stopped: make(chan struct{})}
	srv := grpc.NewServer()
	grpc_health_v1.RegisterHealthServer(srv, p)
	served := make(chan error)
	go func() { served <- srv.Serve(l) }()
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		close(p.stopped)
		conn.Close()
		srv.Stop()
		<-served
	})
	return p, grpc_health_v1.NewHealthClient(conn)
}

// hasCode says what is wrong with err if it hasn't the status that gRPC gives to calls
// whose context has ended.
func hasCode(e ending, err error) error {
	want := codes.Canceled
	if e.err == context.DeadlineExceeded {
		want = codes.DeadlineExceeded
	}
	if got := status.Code(err); got != want {
		return fmt.Errorf("code %v of %v, want %v", got, err, want)
	}
	return nil
}

func TestGRPCCall(t *testing.T) {
	p, client := serve(t)
	onEachEnding(t, func(ctx context.Context, waits func()) error {
		go func() {
			<-p.called
			waits()
		}()
		_, err := client.Check(ctx, &grpc_health_v1.HealthCheckRequest{})
		return err
	}, hasCode)
}

func TestGRPCStream(t *testing.T) {
	p, client := serve(t)
	onEachEnding(t, func(ctx context.Context, waits func()) error {
		stream, err := client.Watch(ctx, &grpc_health_v1.HealthCheckRequest{})
		if err != nil {
			return err
		}
		<-p.called
		waits()
		_, err = stream.Recv()
		return err
	}, hasCode)
}
