package model

import "testing"

func TestLoan(t *testing.T) {
	for _, test := range []struct {
		name string
		o    loanOptions
	}{
		{"parks", loanOptions{loans: 3, parks: 2}},
		{"safepoints", loanOptions{loans: 3}},
		{"leaves", loanOptions{loans: 2, leaves: 2, parks: 1}},
		{"requests", loanOptions{loans: 3, requests: 2}},
		{"blocks", loanOptions{loans: 2, blocks: 2, requests: 2}},
		{"all", loanOptions{loans: 3, parks: 2, leaves: 1, blocks: 1, requests: 2}},
	} {
		t.Run(test.name, func(t *testing.T) { explore(t, loanModel(test.o, loanSound)) })
	}
}

func TestLoanFlaws(t *testing.T) {
	const (
		split   = "a worker and its task don't agree"
		stopped = "a goroutine is stopped for ever"
		counted = "a request is counted that doesn't stand"
	)
	for _, test := range []struct {
		name     string
		flaw     loanFlaw
		o        loanOptions
		property string
	}{
		{"says where it is before outside is locked", placesEarly, loanOptions{loans: 1}, split},
		{"takes itself back blindly", takesBackBlindly, loanOptions{loans: 1}, split},
		{"repays blindly", repaysBlindly, loanOptions{loans: 1, parks: 1}, split},
		{"strays late", straysLate, loanOptions{loans: 1, parks: 1}, "a task counts as astray that is not outside"},
		{"ignores those outside", ignoresOutside, loanOptions{loans: 1}, "a task never has a worker again"},
		{"forgets a request when it repays", forgetsRequest, loanOptions{loans: 1, requests: 1}, stopped},
		{"forgets a request when it seizes", forgetsOutside, loanOptions{loans: 1, requests: 1}, stopped},
		{"keeps a request", keepsRequest, loanOptions{parks: 1, requests: 1}, "a request stands for a task that has left"},
		{"withdraws late", withdrawsLate, loanOptions{parks: 1, requests: 1}, counted},
		{"withdraws blindly", withdrawsBlindly, loanOptions{blocks: 1, requests: 1}, stopped},
		{"unpinned", unpinned, loanOptions{parks: 1, requests: 1}, stopped},
	} {
		t.Run(test.name, func(t *testing.T) { mustFail(t, loanModel(test.o, test.flaw), test.property) })
	}
}
