package load

import "testing"

func TestScope(t *testing.T) {
	for _, test := range []struct {
		patterns, path string
		main, want     bool
	}{
		{"all", "a.org/x", false, true},
		{"all,!a.org/...", "a.org/x", false, false},
		{"all,!a.org/...", "a.org", false, false},
		{"all,!a.org/...", "a.organ", false, true},
		{"!a.org/...,all", "a.org/x", false, true},
		{"a.org/x", "a.org/x/y", false, false},
		{"a.org/x", "m", true, true},
		{"!m/gen...", "m/generated", true, false},
		{"a.org/.../x", "a.org/b/c/x", false, true},
	} {
		s, err := ParseScope(test.patterns)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.has(test.path, test.main); got != test.want {
			t.Errorf("%s has %s: %v", test.patterns, test.path, got)
		}
	}
	if !(Scope{}).has("m", true) || (Scope{}).has("a.org/x", false) {
		t.Error("the zero scope is not the main module")
	}
}
