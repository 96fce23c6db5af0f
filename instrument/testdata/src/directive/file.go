// Whole file.

//gv:nosafepoint runs before any thread is started

package directive

func setup() {
	for { // ok
	}
}
