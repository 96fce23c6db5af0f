package pins

// victim runs between pin and unpin.
func victim(p int, f func(int) bool) {
	for !f(p) { // ok
		p++
	}
}
