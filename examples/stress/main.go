// Stress starts a great many threads, has all of them parked at once, wakes
// them, and says what a parked thread takes.
//
// Usage:
//
//	go run ./examples/stress [threads]
//	go run ./examples/stress -slots [threads]
//
// The default is 100000. Progress goes to standard error. With -slots, the threads run on
// growing stacks and then on slots, each in a process of its own.
package main

import (
	"fmt"
	"io"
	"os"
	"strconv"

	gv "github.com/gvthread/gvthread/runtime"
)

const defaultThreads = 100_000

func main() {
	played, err := playRole()
	if !played {
		err = run(os.Args[1:], os.Stdout, os.Stderr)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "stress:", err)
		os.Exit(1)
	}
}

// run is the whole command.
func run(args []string, out, progress io.Writer) error {
	slots := len(args) > 0 && args[0] == "-slots"
	if slots {
		args = args[1:]
	}
	n, err := threads(args)
	if err != nil {
		return err
	}
	if slots {
		return compareStacks(n, out, progress)
	}
	r, err := stress(n, gv.GrowingStacks, progress)
	if err != nil {
		return err
	}
	r.print(out)
	return nil
}

// threads reads the command line.
func threads(args []string) (int, error) {
	switch len(args) {
	case 0:
		return defaultThreads, nil
	case 1:
		n, err := strconv.Atoi(args[0])
		if err != nil {
			return 0, fmt.Errorf("number of threads: %w", err)
		}
		if n < 1 {
			return 0, fmt.Errorf("number of threads: %d is not at least 1", n)
		}
		return n, nil
	}
	return 0, fmt.Errorf("%d arguments, at most one is wanted: the number of threads", len(args))
}
