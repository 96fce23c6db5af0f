package gv

import (
	"testing"
	"time"
)

// Nothing has happened for as long as somebody has looked, and has seen nothing.
func TestLull(t *testing.T) {
	at := time.Now()
	l := lull{looked: at}
	for _, look := range []struct {
		after    time.Duration
		happened uint64
		want     time.Duration
	}{
		{2 * time.Millisecond, 0, 2 * time.Millisecond},
		{5 * time.Millisecond, 0, 7 * time.Millisecond},
		{5 * time.Millisecond, 1, 0},
		{time.Minute, 1, 10 * lookEvery}, // the machine has stood still
		{time.Millisecond, 1, 10*lookEvery + time.Millisecond},
		{time.Minute, 2, 0},
	} {
		at = at.Add(look.after)
		if l.note(look.happened, at); l.quiet != look.want {
			t.Errorf("after %v more, quiet for %v, want %v", look.after, l.quiet, look.want)
		}
	}
}
