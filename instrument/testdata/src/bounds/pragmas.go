package bounds

//go:nosplit because it must not grow the stack
func pragmaWithReason() {
	for { // ok
		work()
	}
}

//go:nosplit

// The compiler knows it by the line above.
func pragmaApart() {
	for { // ok
		work()
	}
}

//go:nosplitted is no pragma
func noPragma() {
	for { // want `no safepoint`
		work()
	}
}
