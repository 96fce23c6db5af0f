package tests_test

func helper(f func()) {
	for { // want `no safepoint`
		f()
	}
}
