package gvtrace

import "github.com/gvthread/gvthread/runtime/internal/event"

// causes say how a cause is called in the file, and which instant there is for it, if any.
var causes = [...]struct{ text, instant string }{
	event.Unended:      {"the end of the recording", ""},
	event.Yielded:      {"a yield", ""},
	event.AskedSlice:   {"the end of its slice, at a safepoint", "cooperative"},
	event.AskedHigher:  {"a higher thread, at a safepoint", "cooperative"},
	event.ForcedSlice:  {"the end of its slice, by force", "forced"},
	event.ForcedHigher: {"a higher thread, by force", "forced"},
	event.Waits:        {"a wait ", ""},
	event.Blocks:       {"gv.Block", ""},
	event.Enters:       {"gv.Do: it runs another thread", ""},
	event.Taken:        {"a hand-off: it was blocked in Go", "hand-off"},
	event.Lent:         {"a higher thread: it had no core", "displaced"},
	event.Ended:        {"the end of the thread", ""},
}
