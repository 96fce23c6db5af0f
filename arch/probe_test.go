package arch

import "testing"

func TestNativeOrReason(t *testing.T) {
	if err := Native(); err != nil {
		t.Log(err)
	}
	if err := ForcedPreemption(); err != nil {
		t.Log(err)
	}
}
