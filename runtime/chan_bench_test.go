package gv_test

import (
	"context"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// onThread runs a benchmark in a thread of a runtime with the given number of
// workers.
func onThread(b *testing.B, workers int, bench func(rt *gv.Runtime)) {
	b.Helper()
	rt, err := gv.New(gv.Config{Workers: workers})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	err = rt.Run(func(context.Context) error {
		before := rt.Stats().Switches
		b.ResetTimer()
		bench(rt)
		b.StopTimer()
		b.ReportMetric(float64(rt.Stats().Switches-before)/float64(b.N), "switches/op")
		return nil
	})
	if err != nil {
		b.Error(err)
	}
	if err := rt.Close(); err != nil {
		b.Error(err)
	}
}

func BenchmarkThreadChanPingPong(b *testing.B) {
	onThread(b, 1, func(rt *gv.Runtime) {
		ping, pong := gv.NewChan[int](0), gv.NewChan[int](0)
		rt.Go(func(context.Context) error {
			for v := range ping.All() {
				pong.Send(v)
			}
			return nil
		})
		for i := range b.N {
			ping.Send(i)
			pong.Recv()
		}
		ping.Close()
	})
}

func BenchmarkGoroutineChanPingPong(b *testing.B) {
	b.ReportAllocs()
	ping, pong := make(chan int), make(chan int)
	go func() {
		for v := range ping {
			pong <- v
		}
	}()
	for i := range b.N {
		ping <- i
		<-pong
	}
	close(ping)
}

// The same between a thread and a plain goroutine.
func BenchmarkThreadGoroutineChanPingPong(b *testing.B) {
	onThread(b, 1, func(*gv.Runtime) {
		ping, pong := gv.NewChan[int](0), gv.NewChan[int](0)
		go func() {
			for v := range ping.All() {
				pong.Send(v)
			}
		}()
		for i := range b.N {
			ping.Send(i)
			pong.Recv()
		}
		ping.Close()
	})
}

func BenchmarkThreadChanProducerConsumer(b *testing.B) {
	onThread(b, 1, func(rt *gv.Runtime) {
		c := gv.NewChan[int](64)
		rt.Go(func(context.Context) error {
			for i := range b.N {
				c.Send(i)
			}
			c.Close()
			return nil
		})
		for range c.All() {
		}
	})
}

func BenchmarkGoroutineChanProducerConsumer(b *testing.B) {
	b.ReportAllocs()
	c := make(chan int, 64)
	go func() {
		for i := range b.N {
			c <- i
		}
		close(c)
	}()
	for range c {
	}
}

func BenchmarkThreadChanBuffered(b *testing.B) {
	onThread(b, 1, func(*gv.Runtime) {
		c := gv.NewChan[int](1)
		for i := range b.N {
			c.Send(i)
			c.Recv()
		}
	})
}

func BenchmarkGoroutineChanBuffered(b *testing.B) {
	b.ReportAllocs()
	c := make(chan int, 1)
	for i := range b.N {
		c <- i
		<-c
	}
}
