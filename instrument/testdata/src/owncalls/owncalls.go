package owncalls

import gv "github.com/gvthread/gvthread/runtime"

func receive(ch *gv.Chan[int]) (sum int) {
	for { // ok: also if the thread is cancelled
		v, err := ch.Recv()
		if err != nil {
			return sum
		}
		sum += v
	}
}

func iterate(ch *gv.Chan[int], f func(int)) {
	for v := range ch.All() { // ok
		f(v)
	}
}

type named struct{ *gv.Chan[string] }

func poll(ch named, f func() bool) {
	for f() { // ok
		_ = ch.TrySend("")
	}
	for f() { // want `no safepoint`
		_ = ch.Len()
	}
}

func locks(m *gv.Mutex, f func() bool) {
	for f() { // want `no safepoint`
		m.Lock() // it may be free
		m.Unlock()
	}
}

func recovers(ch *gv.Chan[int]) {
	defer func() { recover() }()
	ch.Close() // may panic first
}

func again(ch *gv.Chan[int]) {
	for { // want `no safepoint`
		recovers(ch)
	}
}
