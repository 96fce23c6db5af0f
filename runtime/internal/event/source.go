package event

// A Source is a runtime whose turns can be recorded.
type Source interface {
	// Start starts a recording that takes about as many bytes as given. It fails if the
	// runtime is closed.
	Start(bytes uint64) (*Recording, error)
	// Stop ends it.
	Stop(*Recording)
	// Window returns the last part of it, of the given length at most, up to now. It has
	// not been stopped.
	Window(r *Recording, age int64) *Window
	// WaitText says what a Turn.Wait is.
	WaitText(wait uint8) string
}

// Of returns the Source of a *gv.Runtime, which may be nil, for the default one. Package gv
// sets it when it is initialized.
var Of func(rt any) Source
