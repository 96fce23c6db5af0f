package model

import "testing"

func TestStays(t *testing.T) { explore(t, staysModel(staysSound)) }

func TestStaysFlaws(t *testing.T) {
	const blocked = "the Monitor is blocked while a task waits"
	for _, test := range []struct {
		name string
		flaw staysFlaw
	}{
		{"looks without the lock", looksUnlocked},
		{"plans after it has looked", plansLast},
		{"attends before it queues", attendsFirst},
	} {
		t.Run(test.name, func(t *testing.T) { mustFail(t, staysModel(test.flaw), blocked) })
	}
}
