package model

import "testing"

func TestLoan(t *testing.T) {
	for _, test := range []struct {
		name string
		o    loanOptions
	}{
		{"parks", loanOptions{loans: 3, parks: 2}},
		{"safepoints", loanOptions{loans: 3, safepoints: 2}},
		{"requests", loanOptions{loans: 3, requests: 2}},
		{"all", loanOptions{loans: 3, parks: 2, safepoints: 2, requests: 2}},
	} {
		t.Run(test.name, func(t *testing.T) { explore(t, loanModel(test.o, loanSound)) })
	}
}

func TestLoanFlaws(t *testing.T) {
	const split = "a worker and its thread don't agree"
	for _, test := range []struct {
		name     string
		flaw     loanFlaw
		o        loanOptions
		property string
	}{
		{"gives back by a store", loanStores, loanOptions{loans: 1, parks: 1}, split},
		{"doesn't settle in park", loanParks, loanOptions{loans: 1, parks: 1}, split},
		{"doesn't settle in rejoin", loanRejoins, loanOptions{loans: 1, safepoints: 1}, split},
		{"doesn't settle a claim", loanClaims, loanOptions{loans: 1, requests: 1}, split},
		{"looks twice in park", loanLooksTwice, loanOptions{loans: 1, parks: 1}, split},
		{"looks twice in rejoin", loanLooksTwice, loanOptions{loans: 2, safepoints: 1}, split},
		{"looks twice in a claim", loanLooksTwice, loanOptions{loans: 2, requests: 1}, split},
		{"forgets a request", loanForgetsRequest, loanOptions{loans: 1, requests: 1}, "a goroutine is stopped for ever"},
	} {
		t.Run(test.name, func(t *testing.T) { mustFail(t, loanModel(test.o, test.flaw), test.property) })
	}
}
