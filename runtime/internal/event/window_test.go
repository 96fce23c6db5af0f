package event

import (
	"cmp"
	"reflect"
	"slices"
	"sync"
	"testing"
)

// turns are of one worker, one after another: they end at 10, 20 and so on.
func turns(l *Log, n int) {
	for i := 1; i <= n; i++ {
		l.Begin(&Turn{Begin: int64(10 * (i - 1)), Ready: int64(10 * (i - 1)), Thread: uint64(i)})
		l.End(int64(10*i), Yielded, 0)
	}
}

// window returns what a recording has at a time.
func window(r *Recording, end, age int64, standing ...Standing) *Window {
	w := &Window{End: end, Workers: make([]Track, len(r.Logs)), Standing: standing}
	var lock sync.Mutex
	for i := range r.Logs {
		r.CopyLog(i, &lock, w)
	}
	r.CopyOutside(&lock, w)
	w.Close(r.Start, age)
	return w
}

// threads are those whose turns a track has.
func (t Track) threads() (ids []uint64) {
	for _, turn := range t.Turns {
		ids = append(ids, turn.Thread)
	}
	return ids
}

// A window has all since the start, what is not too old, or that of which all workers'
// turns are known; and it says how many are lost.
func TestWindowBegin(t *testing.T) {
	const size = least
	for _, test := range []struct {
		name        string
		first       int // turns of the first worker; the second one's are as many as it has room for
		start, age  int64
		begin, lost int64
	}{
		{"all", size, 0, 1 << 40, 0, 0},
		{"since the start", size, 35, 1 << 40, 35, 0},
		{"not too old", size, 0, 105, size*10 - 105, 0},
		{"two lost, and those of the other worker with them", size + 2, 0, 1 << 40, 20, 4},
		{"what is lost is too old", size + 2, 0, size*10 - 25, 25, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := NewRecording(2, 1)
			r.Start = test.start
			turns(&r.Logs[0], test.first)
			turns(&r.Logs[1], size)
			w := window(r, size*10, test.age)
			if w.Start != test.begin || int64(w.Lost) != test.lost {
				t.Errorf("it begins at %d, and %d are lost; want %d and %d", w.Start, w.Lost, test.begin, test.lost)
			}
			var want []uint64
			for id := uint64(test.begin/10) + 1; id <= size; id++ {
				want = append(want, id)
			}
			for i, track := range w.Workers {
				if got := track.threads(); !slices.Equal(got, want) {
					t.Errorf("worker %d has turns of %v, want %v", i, got, want)
				}
			}
		})
	}
}

// A turn that has ended may go on, as if it had not.
// A worker that overwrites all that it has, before it can be copied, leaves a window in which
// nothing is known.
func TestWindowOvertaken(t *testing.T) {
	const size = least
	r := NewRecording(2, 1)
	turns(&r.Logs[0], size)
	turns(&r.Logs[1], size)
	w := &Window{End: size * 10, Workers: make([]Track, len(r.Logs))}
	locks := 0
	for i := range r.Logs {
		r.CopyLog(i, lockFunc(func() {
			if locks++; locks == 2 { // between the first look and the first piece
				turns(&r.Logs[0], 2*size)
			}
		}), w)
	}
	w.Close(0, size*10)
	if w.Start != w.End || w.Lost != 2*size {
		t.Errorf("the window is from %d to %d, and %d turns are lost; want none, and %d", w.Start, w.End, w.Lost, 2*size)
	}
	for i, track := range w.Workers {
		if got := track.threads(); got != nil {
			t.Errorf("worker %d has turns of %v", i, got)
		}
	}
}

// A lockFunc is a lock that does something when it is taken.
type lockFunc func()

func (f lockFunc) Lock()   { f() }
func (f lockFunc) Unlock() {}

func TestResume(t *testing.T) {
	r := NewRecording(1, 1)
	l := &r.Logs[0]
	l.Begin(&Turn{Begin: 10, Thread: 1})
	l.End(20, Waits, 3)
	if at, ended := l.Ended(); at != 20 || !ended {
		t.Errorf("it ended at %d, %v", at, ended)
	}
	l.Resume()
	l.End(30, Yielded, 0)
	l.End(40, Ended, 0) // once is enough
	l.Begin(&Turn{Begin: 25, Ready: 25, Thread: 2})
	want := []Turn{{Begin: 10, End: 30, Thread: 1, Cause: Yielded}, {Begin: 30, Ready: 25, Thread: 2}}
	if got := window(r, 50, 50).Workers[0].Turns; !reflect.DeepEqual(got, want) {
		t.Errorf("turns %+v, want %+v", got, want)
	}
}

// Where a thread stands is looked at after the end of the window: it may have got there
// later, and have left where it was.
func TestStanding(t *testing.T) {
	r := NewRecording(1, 1)
	l := &r.Logs[0]
	for _, turn := range []Turn{
		{Begin: 10, Ready: 10, Thread: 1},
		{Begin: 120, Ready: 90, Thread: 2, Due: 3}, // ready at the end
		{Begin: 130, Ready: 110, Thread: 3},        // blocked at the end, and after a turn again
		{Begin: 140, Ready: 95, Thread: 4, Due: 1}, // ready at the end, and blocked after a turn
	} {
		l.Begin(&turn)
		l.End(turn.Begin+5, Blocks, 0)
	}
	w := window(r, 100, 100,
		Standing{3, InBlock, 0, 0}, Standing{4, InBlock, 0, 0}, Standing{5, Displaced, 0, 0},
		Standing{6, Ready, 80, 2}, Standing{7, Ready, 105, 2})
	want := []Standing{{2, Ready, 90, 3}, {4, Ready, 95, 1}, {5, Displaced, 0, 0}, {6, Ready, 80, 2}}
	slices.SortFunc(w.Standing, func(a, b Standing) int { return cmp.Compare(a.Thread, b.Thread) })
	if !slices.Equal(w.Standing, want) {
		t.Errorf("standing at the end are %+v, want %+v", w.Standing, want)
	}
	if got := w.Workers[0].threads(); !slices.Equal(got, []uint64{1}) {
		t.Errorf("the window has turns of %v, want that of 1", got)
	}
}
