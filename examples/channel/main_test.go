package main

import (
	"bytes"
	"context"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

const want = `"three" does not fit, with 2 of 2: gv: channel full
send: gv: send: gv: channel closed
one
two
receive: gv: channel closed
the sum of the squares is 328350
from one channel abcde and from the other 123
a goroutine says good morning to you, too
the receiver returns: gv: thread cancelled: nobody sends
`

func TestOutput(t *testing.T) {
	for _, c := range []gv.Config{
		{Engine: gv.Native, Workers: 1}, {Engine: gv.Native, Workers: 4},
		{Engine: gv.Portable, Workers: 1}, {Engine: gv.Portable, Workers: 4},
	} {
		t.Run(c.Engine.String(), func(t *testing.T) {
			rt, err := gv.New(c)
			if err != nil {
				t.Skip(err)
			}
			var out bytes.Buffer
			if err := rt.Run(func(context.Context) error { return run(&out) }); err != nil {
				t.Error(err)
			}
			if out.String() != want {
				t.Errorf("output with %d workers\n%s\nwant\n%s", c.Workers, &out, want)
			}
			if err := rt.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
