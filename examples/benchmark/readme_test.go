package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// names are those that others keep results by: a row may be added, but none renamed.
var names = strings.Fields(`
	yield_2 yield_100 yield_10000 yield_100_workers_2
	chan_workers_1 chan_workers_2 chan_buffered chan_4_to_4 select chan_goroutine
	mutex mutex_contended spawn spawn_burst do safepoint
	accounting_yield accounting_handover accounting_do yield_recorded sleep_idle sleep_loaded
	parked_memory forced_stop wake_cooperative wake_forced blocking_go
	scaling_cpu scaling_yield slice_loss request_wakeup
	locked_yield locked_handover locked_select locked_mutex locked_spawn locked_do
	instructions_yield instructions_handover instructions_select instructions_mutex
	instructions_spawn instructions_do
	instructions_accounting_yield instructions_accounting_handover
	instructions_accounting_do`)

func TestNamesAreStable(t *testing.T) {
	var got []string
	for _, r := range rows() {
		got = append(got, r.name)
	}
	if !slices.Equal(got, names) {
		t.Errorf("the rows are %v, want %v", got, names)
	}
}

// README.md has the rows as they are.
func TestReadmeListsTheRows(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	want.WriteString("| row | unit | what is measured |\n| --- | --- | --- |\n")
	for _, r := range rows() {
		unit := r.unit
		if r.higher {
			unit += ", more is better"
		}
		fmt.Fprintf(&want, "| `%s` | %s | %s |\n", r.name, unit, r.about)
	}
	if !strings.Contains(string(readme), "\n\n"+want.String()+"\n") {
		t.Errorf("README.md has another table of the rows than this:\n%s", &want)
	}
}
