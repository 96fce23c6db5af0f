package directive

func loops(n int) {
	//gv:nosafepoint n is small here
	for i := 0; i < n; i++ { // ok
	}
	for i := 0; i < n; i++ { //gv:nosafepoint n is small here
	}
	for i := 0; i < n; i++ { // want `no safepoint`
	}
	//gv:nosafepoint // want `gv:nosafepoint needs a reason`
	for i := 0; i < n; i++ { // want `no safepoint`
	}
	//gv:nosafepiont typo // want `unknown directive //gv:nosafepiont`
	for i := 0; i < n; i++ { // want `no safepoint`
	}
	//gv:nosafepoint a reason for nothing // want `belongs to no loop`
	n++
}

// small has few of everything.
//
//gv:nosafepoint called with small n only
func small(n int) {
	for i := 0; i < n; i++ { // ok
	}
	_ = func() {
		for { // ok
		}
	}
}
