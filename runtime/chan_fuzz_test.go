package gv_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// FuzzChan plays a sequence of operations on two channels, each in a thread of
// its own where it may block, and compares what becomes of it with what a model
// says: who is served with what, who waits, and in which order. There is one
// worker, so that one operation comes after the other.
func FuzzChan(f *testing.F) {
	f.Add([]byte{0, 0, 16, 33, 18, 35, 2, 1})               // unbuffered: who comes first waits
	f.Add([]byte{1, 2, 16, 17, 16, 32, 32, 32, 80, 16, 32}) // fills, drains, closes, misuses
	f.Add([]byte{2, 0, 112, 3, 112, 9, 16, 17, 96, 5, 80})  // selects wait, are served, and see a close
	f.Add([]byte{3, 1, 32, 33, 112, 6, 128, 129, 16, 128})  // cancellations leave nothing behind
	f.Add([]byte{0, 3, 112, 15, 112, 15, 48, 64, 80, 81, 112, 7})
	f.Add([]byte{0, 0, 112, 12, 112, 3, 80, 16, 32, 80})
	f.Add([]byte{3, 2, 16, 16, 32, 16, 16, 32, 32, 16, 16, 16, 16, 32, 32, 32, 32, 32})
	rt, err := gv.New(gv.Config{Workers: 1, TimeSlice: long, MaxWait: long, NoForced: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { rt.Close() })
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) < 2 || len(script) > 200 {
			return
		}
		stop := watchdog(t)
		defer stop()
		if err := rt.Run(func(context.Context) error { return playChan(script) }); err != nil {
			t.Error(err)
		}
	})
}

// A fuzzChan is a Chan and what the model knows of it.
type fuzzChan struct {
	real               *gv.Chan[int]
	buf                []int
	closed             bool
	senders, receivers []fuzzWait
}

// A fuzzWait is one case of an operation that waits.
type fuzzWait struct {
	op   *fuzzOp
	with int // the index of the case
}

// A fuzzCase is a send or a receive.
type fuzzCase struct {
	ch   *fuzzChan
	send bool
	v    int
}

// A fuzzOp is an operation in a thread.
type fuzzOp struct {
	thread *gv.Thread
	cases  []fuzzCase
	chosen int
	v      int
	err    error
	// done, and what is wanted then, is what the model says.
	done       bool
	wantChosen int
	wantV      int
	wantErr    error
}

func (op *fuzzOp) finish(chosen, v int, err error) {
	op.done, op.wantChosen, op.wantV, op.wantErr = true, chosen, v, err
	for _, c := range op.cases {
		mine := func(w fuzzWait) bool { return w.op == op }
		c.ch.senders = slices.DeleteFunc(c.ch.senders, mine)
		c.ch.receivers = slices.DeleteFunc(c.ch.receivers, mine)
	}
}

// try does what a case says, in the model. It reports whether that could be
// done.
func (c fuzzCase) try() (v int, err error, ok bool) {
	ch := c.ch
	if c.send {
		switch {
		case ch.closed:
			return 0, gv.ErrClosed, true
		case len(ch.receivers) > 0:
			w := ch.receivers[0]
			w.op.finish(w.with, c.v, nil)
			return 0, nil, true
		case len(ch.buf) < ch.real.Cap():
			ch.buf = append(ch.buf, c.v)
			return 0, nil, true
		}
		return 0, nil, false
	}
	take := func() (v int, ok bool) {
		if len(ch.senders) == 0 || ch.closed {
			return 0, false
		}
		w := ch.senders[0]
		v = w.op.cases[w.with].v
		w.op.finish(w.with, 0, nil)
		return v, true
	}
	if len(ch.buf) > 0 {
		v, ch.buf = ch.buf[0], ch.buf[1:]
		if next, ok := take(); ok {
			ch.buf = append(ch.buf, next)
		}
		return v, nil, true
	}
	if ch.closed {
		return 0, gv.ErrClosed, true
	}
	v, ok = take()
	return v, nil, ok
}

// ready reports whether a case could go ahead, in the model.
func (c fuzzCase) ready() bool {
	ch := c.ch
	if c.send {
		return ch.closed || len(ch.receivers) > 0 || len(ch.buf) < ch.real.Cap()
	}
	return ch.closed || len(ch.senders) > 0 || len(ch.buf) > 0
}

// A chanPlay is one run of a script.
type chanPlay struct {
	channels [2]*fuzzChan
	ops      []*fuzzOp // all that were started in a thread
	next     int       // the next value to send
}

// playChan runs a script: two capacities, then operations.
func playChan(script []byte) error {
	p := &chanPlay{next: 1}
	defer func() {
		// Where something is wrong, nobody is to be left waiting.
		for _, op := range p.ops {
			op.thread.Cancel(nil)
		}
	}()
	for i := range p.channels {
		p.channels[i] = &fuzzChan{real: gv.NewChan[int](int(script[i] % 4))}
	}
	script = script[2:]
	for at := 0; at < len(script); at++ {
		b := script[at]
		var mask byte
		if b>>4 == 7 && at+1 < len(script) {
			at++
			mask = script[at]
		}
		if err := p.do(b, mask); err != nil {
			return fmt.Errorf("operation %d, %d: %w", at, b, err)
		}
		if err := p.check(); err != nil {
			return fmt.Errorf("after operation %d, %d: %w", at, b, err)
		}
	}
	for _, op := range p.ops {
		if !op.done {
			op.finish(-1, 0, gv.ErrCancelled)
			op.thread.Cancel(nil)
		}
	}
	return p.check()
}

func (p *chanPlay) do(b, mask byte) error {
	c := p.channels[b&1]
	v := p.next
	p.next++
	switch b >> 4 {
	case 1:
		p.start([]fuzzCase{{c, true, v}}, func(op *fuzzOp) { op.err = c.real.Send(v) })
	case 2:
		p.start([]fuzzCase{{c, false, 0}}, func(op *fuzzOp) { op.v, op.err = c.real.Recv() })
	case 3:
		_, want, ok := fuzzCase{c, true, v}.try()
		if !ok {
			want = gv.ErrFull
		}
		if err := c.real.TrySend(v); !errors.Is(err, want) {
			return fmt.Errorf("TrySend: %v, want %v", err, want)
		}
	case 4:
		wantV, want, ok := fuzzCase{c, false, 0}.try()
		if !ok {
			want = gv.ErrEmpty
		}
		if v, err := c.real.TryRecv(); v != wantV || err != want {
			return fmt.Errorf("TryRecv: %d, %v, want %d, %v", v, err, wantV, want)
		}
	case 5:
		return p.close(c)
	case 6, 7:
		// 6 has a Default.
		if b>>4 == 6 {
			mask = b
		}
		return p.choose(mask, b>>4 == 6)
	case 8:
		waiting := slices.DeleteFunc(slices.Clone(p.ops), func(op *fuzzOp) bool { return op.done })
		if len(waiting) > 0 {
			op := waiting[int(b&15)%len(waiting)]
			op.finish(-1, 0, gv.ErrCancelled)
			op.thread.Cancel(nil)
		}
	}
	return nil
}

func (p *chanPlay) close(c *fuzzChan) (err error) {
	if c.closed {
		defer func() {
			if r := recover(); fmt.Sprint(r) != "gv: close of closed Chan" {
				err = fmt.Errorf("a second Close: %v", r)
			}
		}()
		c.real.Close()
		return errors.New("a second Close does not panic")
	}
	c.closed = true
	for len(c.receivers) > 0 {
		c.receivers[0].op.finish(c.receivers[0].with, 0, gv.ErrClosed)
	}
	for len(c.senders) > 0 {
		c.senders[0].op.finish(c.senders[0].with, 0, gv.ErrClosed)
	}
	c.real.Close()
	return nil
}

// choose is a Select of up to four cases: of each direction of each channel.
func (p *chanPlay) choose(mask byte, fallback bool) error {
	var cases []fuzzCase
	for i, c := range p.channels {
		if mask&(1<<(2*i)) != 0 {
			cases = append(cases, fuzzCase{c, true, p.next})
			p.next++
		}
		if mask&(2<<(2*i)) != 0 {
			cases = append(cases, fuzzCase{c, false, 0})
		}
	}
	call := func(op *fuzzOp) {
		var real []gv.Case
		vs := make([]int, len(cases))
		for i, c := range cases {
			if c.send {
				real = append(real, gv.SendCase(c.ch.real, c.v))
			} else {
				real = append(real, gv.RecvCase(c.ch.real, &vs[i]))
			}
		}
		if fallback {
			real = append(real, gv.Default())
		}
		op.chosen, op.err = gv.Select(real...)
		if op.chosen >= 0 && op.chosen < len(cases) {
			op.v = vs[op.chosen]
		}
	}
	if !fallback {
		p.start(cases, call)
		return nil
	}
	op := &fuzzOp{}
	could := slices.ContainsFunc(cases, fuzzCase.ready)
	ready := make([]bool, len(cases))
	for i, c := range cases {
		ready[i] = c.ready()
	}
	call(op)
	if op.chosen == len(cases) {
		if could || op.err != nil {
			return fmt.Errorf("Select took its Default (%v), and could have done %v", op.err, ready)
		}
		return nil
	}
	if op.chosen < 0 || !ready[op.chosen] {
		return fmt.Errorf("Select chose %d (%v), and could have done %v", op.chosen, op.err, ready)
	}
	if v, err, _ := cases[op.chosen].try(); v != op.v || !errors.Is(op.err, err) {
		return fmt.Errorf("Select of case %d: %d, %v, want %d, %v", op.chosen, op.v, op.err, v, err)
	}
	return nil
}

// start runs an operation in a thread until it has done, or waits.
func (p *chanPlay) start(cases []fuzzCase, call func(op *fuzzOp)) {
	op := &fuzzOp{cases: cases}
	p.ops = append(p.ops, op)
	op.thread = gv.Go(func(context.Context) error {
		call(op)
		return nil
	})
	could := slices.ContainsFunc(cases, fuzzCase.ready)
	if could {
		op.settle()
		// Which of several it was is a matter of chance.
		i := min(max(op.chosen, 0), len(cases)-1)
		if cases[i].ready() {
			v, err, _ := cases[i].try()
			op.finish(i, v, err)
			return
		}
		op.finish(-2, 0, errors.New("a case that can go ahead"))
		return
	}
	op.settle()
	for i, c := range cases {
		if c.send {
			c.ch.senders = append(c.ch.senders, fuzzWait{op, i})
		} else {
			c.ch.receivers = append(c.ch.receivers, fuzzWait{op, i})
		}
	}
}

// settle lets the operation's thread run until it has ended, or waits.
func (op *fuzzOp) settle() { op.runs(gv.StateDone, gv.StateBlocked) }

// runs lets the operation's thread run until it is in one of the given states,
// and reports whether it is. One turn should do; but on a busy machine the thread
// may have lost its worker to the Monitor, and run beside this one.
func (op *fuzzOp) runs(states ...gv.State) bool {
	for tries := range 4000 {
		if slices.Contains(states, op.thread.State()) {
			return true
		}
		if tries < 1000 {
			gv.Yield()
		} else {
			gv.Sleep(time.Millisecond)
		}
	}
	return false
}

// check compares all with the model.
func (p *chanPlay) check() error {
	for i, op := range p.ops {
		if !op.done {
			if !op.runs(gv.StateBlocked) {
				return fmt.Errorf("thread %d is %v, and should wait", i, op.thread.State())
			}
			continue
		}
		if !op.runs(gv.StateDone) {
			return fmt.Errorf("thread %d is %v, and should have ended", i, op.thread.State())
		}
		if !errors.Is(op.err, op.wantErr) || op.v != op.wantV || len(op.cases) > 1 && op.chosen != op.wantChosen {
			return fmt.Errorf("thread %d: case %d, %d, %v; want %d, %d, %v", i, op.chosen, op.v, op.err, op.wantChosen, op.wantV, op.wantErr)
		}
	}
	p.ops = slices.DeleteFunc(p.ops, func(op *fuzzOp) bool { return op.done })
	for i, c := range p.channels {
		senders, receivers := c.real.Waiting()
		if n := c.real.Len(); n != len(c.buf) || senders != len(c.senders) || receivers != len(c.receivers) {
			return fmt.Errorf("channel %d holds %d, %d wait to send and %d to receive; want %d, %d, %d",
				i, n, senders, receivers, len(c.buf), len(c.senders), len(c.receivers))
		}
	}
	return nil
}
