package main

import (
	"math"
	"testing"
	"time"
)

func TestResult(t *testing.T) {
	turns := func(vs ...values) []values { return vs }
	r := result{
		row: row{more: []string{"p99", "max"}},
		turns: map[string][]values{
			sideThreads:    turns(values{30, 3, 7}, values{10, 1, 9}, values{20, 2, 8}),
			sideGoroutines: turns(values{40, 6, 1}, values{60, 4, 2}),
		},
	}
	for _, tt := range []struct {
		what      string
		got, want float64
	}{
		{"median of three", r.value(sideThreads, 0), 20},
		{"median of two", r.value(sideGoroutines, 0), 50},
		{"median of p99", r.value(sideThreads, 1), 2},
		{"greatest max", r.value(sideThreads, 2), 9},
		{"ratio", r.ratio(0), 0.4},
		{"ratio of p99", r.ratio(1), 0.4},
		{"spread", r.spread(sideThreads), 0.5},
		{"spread of two", r.spread(sideGoroutines), 0.2},
		{"quotient of nothing", quotient(1, 0), 0},
	} {
		if math.Abs(tt.got-tt.want) > 1e-9 {
			t.Errorf("%s is %v, want %v", tt.what, tt.got, tt.want)
		}
	}
}

func TestLateness(t *testing.T) {
	var late []time.Duration
	for i := range 200 {
		late = append(late, time.Duration(200-i))
	}
	if got := lateness(late); got[0] != 101 || got[1] != 199 || got[2] != 200 {
		t.Errorf("the lateness of 1 to 200 is %v", got)
	}
	if got := lateness(late[:1]); got[0] != 1 || len(got) != 1+len(latenessMore) {
		t.Errorf("the lateness of 1 is %v", got)
	}
}

// The sides take turns, and each begins a round in its turn.
func TestMeasureRowAlternates(t *testing.T) {
	var order string
	side := func(name string) measure {
		return func(turn) (values, error) {
			order += name
			return values{1}, nil
		}
	}
	r := row{name: "r", threads: side("t"), goroutines: side("g"), most: 3}
	res, err := measureRow(t.Context(), r, options{Rounds: 5, Turn: time.Millisecond}, newProgress(t.Output(), 1))
	if err != nil {
		t.Fatal(err)
	}
	if order != "tggttg" {
		t.Errorf("the turns were %s, want tggttg", order)
	}
	if n := len(res.turns[sideThreads]); n != 3 {
		t.Errorf("%d rounds, want the 3 that there are at most", n)
	}
}

func TestAmount(t *testing.T) {
	for _, tt := range []struct {
		v    float64
		unit string
		want string
	}{
		{123.4, "ns/op", "123"}, {12.34, "ns/op", "12.3"}, {1.234, "times", "1.23"}, {0.00012, "times", "0.00012"},
		{999, "ns", "999 ns"}, {1500, "ns", "1.50 µs"}, {2.5e6, "ns", "2.50 ms"}, {3e9, "ns", "3.00 s"},
	} {
		if got := amount(tt.v, tt.unit); got != tt.want {
			t.Errorf("%v %s is printed as %q, want %q", tt.v, tt.unit, got, tt.want)
		}
	}
}
