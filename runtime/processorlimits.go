package gv

import (
	"os"
	goruntime "runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gvthread/gvthread/arch"
)

// Go chooses GOMAXPROCS itself where nobody else does, and goes on to change it with the
// cores that the process may use and the quota of its control group, up to the first call
// of runtime.GOMAXPROCS. That is what raises it here. So where the number that a runtime has
// found was Go's choice, it is changed here meanwhile, and the last one to close leaves it
// to Go again.

// followLimitsEvery is how often the limits are looked at while the Monitor is awake. Go
// does it as often.
const followLimitsEvery = time.Second

// procsAtStart and godebugAtStart are what the environment said when the program started:
// Go does not look again.
var procsAtStart, godebugAtStart = os.Getenv("GOMAXPROCS"), os.Getenv("GODEBUG")

// goFollows reports whether Go changes GOMAXPROCS with the limits in this program, unless
// that sets a number.
var goFollows = sync.OnceValue(func() bool {
	if n, err := strconv.ParseInt(procsAtStart, 10, 32); err == nil && n > 0 {
		return false
	}
	updates := godebugAtStart
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "DefaultGODEBUG" {
				updates = s.Value + "," + updates
			}
		}
	}
	return !disabled(updates, "updatemaxprocs")
})

// disabled reports whether a list of settings as GODEBUG has it, of which the last one
// counts, sets key to 0.
func disabled(settings, key string) (off bool) {
	for s := range strings.SplitSeq(settings, ",") {
		if k, value, ok := strings.Cut(s, "="); ok && k == key {
			off = value == "0"
		}
	}
	return off
}

// askGo notes in the choice that stands, and in which no runtime has a share yet, whether it
// is Go's. If it is not, Go has set another number: the caller applies the choice then.
//
// A program that has set the very number that Go chooses can't be told from one that has
// set none.
func (p *processorCount) askGo() {
	p.now.limits = ""
	if !goFollows() {
		return
	}
	limits := arch.ProcessorLimits()
	goruntime.SetDefaultGOMAXPROCS()
	if goruntime.GOMAXPROCS(0) == p.now.before {
		p.now.limits = limits
	}
}

// follow has GOMAXPROCS follow the limits, if the choice that stands is Go's.
func (p *processorCount) follow() {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.notice()
	if !p.sharedLocked() || p.now.limits == "" {
		return
	}
	if limits := arch.ProcessorLimits(); limits != "" && limits != p.now.limits {
		p.now.limits = limits
		goruntime.SetDefaultGOMAXPROCS()
		p.now.before = goruntime.GOMAXPROCS(0)
		p.apply()
	}
}

// sharedLocked reports whether a runtime has a share in the choice that stands.
func (p *processorCount) sharedLocked() bool {
	for _, s := range p.open {
		if s.choice == p.now.number {
			return true
		}
	}
	return false
}
