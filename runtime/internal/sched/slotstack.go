package sched

// A stack that needs more than its slot ends the process. Go's report names the goroutine, and
// nothing of ours runs before it. So the Monitor looks about every millisecond at the slots
// of the running tasks, and tells the Watcher of those of which most is used. A recursion that
// is faster than that gets past it, and so does what blocks when it is deep.

// inspectsSlots reports whether the Monitor inspects the slots of running tasks.
func (s *Scheduler) inspectsSlots() bool { return s.config.Slots != nil && s.config.DeepSlots }

// inspectSlot tells the Watcher, once, if most of the slot that t runs on is used. t may just
// have ended: its fiber stays, and the slots are there as long as the Monitor.
func (m *monitor) inspectSlot(t *Task) {
	slot := t.fiber.onSlot()
	if slot == nil || !m.s.inspectsSlots() {
		return
	}
	if used := slot.Deep(); used > 0 {
		m.s.watcher.Deep(t, used)
	}
}
