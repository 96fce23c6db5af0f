package gv_test

import (
	"context"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

func BenchmarkThreadSelectReady(b *testing.B) {
	onThread(b, 1, func(*gv.Runtime) {
		full, empty := gv.NewChan[int](1), gv.NewChan[int](1)
		full.Send(1)
		var v int
		for b.Loop() {
			gv.Select(gv.RecvCase(full, &v), gv.RecvCase(empty, &v))
			full.Send(1)
		}
	})
}

func BenchmarkGoroutineSelectReady(b *testing.B) {
	full, empty := make(chan int, 1), make(chan int, 1)
	full <- 1
	for b.Loop() {
		select {
		case <-full:
		case <-empty:
		}
		full <- 1
	}
}

func BenchmarkThreadSelectDefault(b *testing.B) {
	onThread(b, 1, func(*gv.Runtime) {
		empty := gv.NewChan[int](1)
		var v int
		for b.Loop() {
			gv.Select(gv.RecvCase(empty, &v), gv.Default())
		}
	})
}

func BenchmarkGoroutineSelectDefault(b *testing.B) {
	empty := make(chan int, 1)
	for b.Loop() {
		select {
		case <-empty:
		default:
		}
	}
}

func BenchmarkThreadSelectPingPong(b *testing.B) {
	onThread(b, 1, func(rt *gv.Runtime) {
		ping, pong, never := gv.NewChan[int](0), gv.NewChan[int](0), gv.NewChan[int](0)
		rt.Go(func(context.Context) error {
			var v int
			for {
				if _, err := gv.Select(gv.RecvCase(ping, &v), gv.RecvCase(never, &v)); err != nil {
					return nil
				}
				pong.Send(v)
			}
		})
		var v int
		for i := range b.N {
			ping.Send(i)
			gv.Select(gv.RecvCase(pong, &v), gv.RecvCase(never, &v))
		}
		ping.Close()
	})
}

func BenchmarkGoroutineSelectPingPong(b *testing.B) {
	b.ReportAllocs()
	ping, pong, never := make(chan int), make(chan int), make(chan int)
	go func() {
		for {
			select {
			case v, ok := <-ping:
				if !ok {
					return
				}
				pong <- v
			case <-never:
			}
		}
	}()
	for i := range b.N {
		ping <- i
		select {
		case <-pong:
		case <-never:
		}
	}
	close(ping)
}
