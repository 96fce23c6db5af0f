package tests

func helper(f func()) {
	for { // want `no safepoint`
		f()
	}
}
