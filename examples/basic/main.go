// Basic shows the first things to do with gvthread: threads that take turns, a
// channel between two of them, a result, and a cancellation. It is the quick start
// of README.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

func main() {
	if err := run(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(out io.Writer) error {
	// With one worker, one thread runs at a time.
	rt, err := gv.New(gv.Config{Workers: 1})
	if err != nil {
		return err
	}
	defer rt.Close()

	return rt.Run(func(context.Context) error {
		takeTurns(out)
		pass(out)
		fail(out)
		cancel(out)
		return nil
	})
}

// takeTurns starts two threads that yield to each other.
func takeTurns(out io.Writer) {
	var wg gv.WaitGroup
	for _, name := range []string{"ping", "pong"} {
		wg.Go(func(context.Context) error {
			for i := range 3 {
				fmt.Fprintln(out, name, i)
				gv.Yield()
			}
			return nil
		})
	}
	wg.Wait()
}

// pass sends numbers from one thread to another, which is more important.
func pass(out io.Writer) {
	numbers := gv.NewChan[int](2)
	gv.Go(func(context.Context) error {
		defer numbers.Close()
		for i := range 5 {
			if err := numbers.Send(i * i); err != nil {
				return err
			}
		}
		return nil
	})
	sum := 0
	adder := gv.Go(func(context.Context) error {
		for n := range numbers.All() {
			sum += n
		}
		return nil
	}, gv.WithPriority(gv.Critical))
	fmt.Fprintln(out, "adder returned", adder.Wait())
	fmt.Fprintln(out, "sum", sum)
}

// fail waits for a thread that returns an error.
func fail(out io.Writer) {
	t := gv.Go(func(context.Context) error {
		return errors.New("no luck")
	})
	fmt.Fprintln(out, "result:", t.Wait())
}

// cancel stops a thread that sleeps.
func cancel(out io.Writer) {
	sleeper := gv.Go(func(context.Context) error {
		return gv.Sleep(time.Hour)
	}, gv.WithName("sleeper"))
	gv.Yield() // let it fall asleep
	sleeper.Cancel(errors.New("wake up"))
	fmt.Fprintln(out, sleeper.Name(), "ended:", sleeper.Wait())
}
