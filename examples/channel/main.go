// Channel shows what threads pass values through: a gv.Chan is a Go channel whose
// calls return errors. It bounds what waits in it, ends with Close, can be waited
// for together with others by Select, and joins threads with plain goroutines. A
// thread that is cancelled stops waiting for it.
//
// Usage:
//
//	go run ./examples/channel
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	gv "github.com/gvthread/gvthread/runtime"
)

func main() {
	if err := gv.Run(func(context.Context) error { return run(os.Stdout) }); err != nil {
		log.Fatal(err)
	}
}

// run shows one after the other, in a thread.
func run(out io.Writer) error {
	for _, show := range []func(io.Writer) error{fill, share, choose, cross, giveUp} {
		if err := show(out); err != nil {
			return err
		}
	}
	return nil
}

// fill puts values into a buffer until it is full, and takes them out until it is empty.
func fill(out io.Writer) error {
	c := gv.NewChan[string](2)
	for _, s := range []string{"one", "two", "three"} {
		if err := c.TrySend(s); err != nil {
			fmt.Fprintf(out, "%q does not fit, with %d of %d: %v\n", s, c.Len(), c.Cap(), err)
		}
	}
	c.Close()
	fmt.Fprintln(out, "send:", c.Send("four"))
	for s := range c.All() {
		fmt.Fprintln(out, s)
	}
	_, err := c.Recv()
	fmt.Fprintln(out, "receive:", err)
	return nil
}

// share gives the numbers from one thread to four others, of which each gets some, and
// collects the squares.
func share(out io.Writer) error {
	numbers, squares := gv.NewChan[int](0), gv.NewChan[int](0)
	producer := gv.Go(func(context.Context) error {
		defer numbers.Close()
		for n := range 100 {
			// It waits until a consumer has time.
			if err := numbers.Send(n); err != nil {
				return err
			}
		}
		return nil
	})
	var consumers gv.WaitGroup
	for range 4 {
		consumers.Go(func(context.Context) error {
			for n := range numbers.All() {
				if err := squares.Send(n * n); err != nil {
					return err
				}
			}
			return nil
		})
	}
	gv.Go(func(context.Context) error {
		consumers.Wait()
		squares.Close()
		return nil
	})
	sum := 0
	for n := range squares.All() {
		sum += n
	}
	fmt.Fprintln(out, "the sum of the squares is", sum)
	return producer.Wait()
}

// choose receives from whichever of two channels has a value, until both are closed.
func choose(out io.Writer) error {
	letters, digits := gv.NewChan[rune](0), gv.NewChan[rune](0)
	for c, text := range map[*gv.Chan[rune]]string{letters: "abcde", digits: "123"} {
		gv.Go(func(context.Context) error {
			defer c.Close()
			for _, r := range text {
				if err := c.Send(r); err != nil {
					return err
				}
			}
			return nil
		})
	}
	var r rune
	got := make([]string, 2)
	cases := []gv.Case{gv.RecvCase(letters, &r), gv.RecvCase(digits, &r)}
	for open := len(cases); open > 0; {
		chosen, err := gv.Select(cases...)
		switch {
		case errors.Is(err, gv.ErrClosed):
			cases[chosen] = gv.Case{} // is never ready
			open--
		case err != nil:
			return err
		default:
			got[chosen] += string(r)
		}
	}
	fmt.Fprintln(out, "from one channel", got[0], "and from the other", got[1])
	return nil
}

// cross sends to a plain goroutine, and receives what it answers.
func cross(out io.Writer) error {
	questions, answers := gv.NewChan[string](0), gv.NewChan[string](0)
	go func() {
		for q := range questions.All() {
			if answers.Send(q+" to you, too") != nil {
				break
			}
		}
		answers.Close()
	}()
	if err := questions.Send("good morning"); err != nil {
		return err
	}
	answer, err := answers.Recv()
	questions.Close()
	fmt.Fprintln(out, "a goroutine says", answer)
	return err
}

// giveUp cancels a thread that waits for a value which never comes.
func giveUp(out io.Writer) error {
	never := gv.NewChan[int](0)
	t := gv.Go(func(context.Context) error {
		_, err := never.Recv()
		return err
	})
	for t.State() != gv.StateBlocked {
		gv.Yield() // let it come to wait
	}
	t.Cancel(errors.New("nobody sends"))
	fmt.Fprintln(out, "the receiver returns:", t.Wait())
	return nil
}
