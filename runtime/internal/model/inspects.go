package model

// This file stands for a worker that ceases to be vacant where the Monitor inspects stacks:
// cut and takeVacant in runtime/internal/sched/vacant.go, attendStacks and stacksLate
// (stack.go), and run in monitor.go.
//
// A task gets the only worker, and runs on for ever. The Monitor, which has nothing to do, is
// about to block. In the end it must have seen that the worker is not vacant.
//
// How many are vacant is stored without a barrier, and seen late.

const takesUnseen flaw = "takeVacant looks whether the Monitor is awake without a barrier"

type inspectsState struct {
	taking           bool // the taker has not begun
	taken, seenTaken bool // the worker is, and others see it
	steady, woken    bool // the Monitor's word, and a wake-up that it has not taken
	watches          bool // the Monitor has seen that the worker is taken
}

type inspectsModel struct {
	flaw flaw
	inspectsState
}

func (m inspectsModel) model(flaw flaw) *model[inspectsState] {
	m.flaw, m.taking, m.steady = flaw, true, true
	return &model[inspectsState]{
		state: &m.inspectsState,
		actors: []actor{
			{name: "taker", code: m.take},
			{name: "Monitor", code: m.block},
			{name: "memory", code: func(p *proc) {
				p.when("shows that the worker is taken", func() bool { return m.taken && cas(&m.seenTaken, false, true) })
			}},
		},
		stuck: []property{{"the Monitor is blocked while a task runs", func() bool { return !m.watches }}},
	}
}

// take is takeVacant.
func (m *inspectsModel) take(p *proc) {
	p.when("takes the worker", func() bool { m.taken = true; return cas(&m.taking, true, false) })
	if m.flaw != takesUnseen {
		p.do("lets that be seen", func() { m.seenTaken = true })
	}
	if !p.test("sees the Monitor awake", func() bool { return m.steady }) {
		p.do("wakes the Monitor", func() { m.woken, m.seenTaken = true, true })
	}
}

// block is run, up to where it has blocked.
func (m *inspectsModel) block(p *proc) {
	list, _ := p.either(
		one("looks, and sees the worker taken", func() bool { m.steady, m.watches = true, true; return m.seenTaken }),
		otherwise("looks", func() { m.steady = true }))
	if list == 0 {
		p.when("has something else to do", func() bool { return false })
	}
	plan := func() { p.do("plans to block", func() { m.steady = false }) }
	if m.flaw != plansLast {
		plan()
	}
	if p.test("sees the worker taken", func() bool { return m.seenTaken }) { // stacksLate
		return
	}
	if m.flaw == plansLast {
		plan()
	}
	p.when("is woken", func() bool { return cas(&m.woken, true, false) })
}
