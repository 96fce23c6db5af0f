package arch

import "testing"

// A record is found by its first field.
func TestEnclosing(t *testing.T) {
	type whole struct {
		first  struct{ a, b int }
		second string
	}
	w := &whole{second: "found"}
	if got := Enclosing[whole](&w.first); got != w || got.second != "found" {
		t.Errorf("%p is found by the first field of %p", got, w)
	}
}
