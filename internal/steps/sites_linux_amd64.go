package steps

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// counts are what one OS thread has executed.
type counts struct {
	instructions, locked int
	// sites has how many of the locked ones belong to each address.
	sites map[uint64]int
	// last is the address of the instruction before, own that of the last one that
	// was in no package of atomic operations.
	last, own uint64
}

// add counts the instruction at pc.
func (c *counts) add(pc uint64, k kind) {
	if k.repeated && pc == c.last {
		return
	}
	c.last = pc
	if !k.atomic {
		c.own = pc
	}
	c.instructions++
	if k.locked {
		c.locked++
		// The line of an atomic operation says little. The instruction before it
		// loads its arguments, or calls it.
		c.sites[c.own]++
	}
}

// profile names what was counted.
func (t *tracer) profile(c *counts) Profile {
	p := Profile{Instructions: c.instructions, Locked: c.locked}
	lines := map[Site]int{}
	for pc, n := range c.sites {
		lines[siteOf(uintptr(pc-t.moved))] += n
	}
	for site, n := range lines {
		site.Locked = n
		p.Sites = append(p.Sites, site)
	}
	slices.SortFunc(p.Sites, func(a, b Site) int {
		if a.Locked != b.Locked {
			return b.Locked - a.Locked
		}
		return strings.Compare(a.String(), b.String())
	})
	return p
}

// siteOf returns the line of the instruction at pc in this program.
func siteOf(pc uintptr) Site {
	f := runtime.FuncForPC(pc)
	if f == nil {
		return Site{Function: "not Go code"}
	}
	site := Site{Function: f.Name()}
	site.File, site.Line = f.FileLine(pc)
	if outer := runtime.FuncForPC(f.Entry()); outer != nil {
		site.Within = outer.Name()
	}
	return site
}

// isAtomic tells whether the instruction at pc belongs to one of Go's packages of
// atomic operations.
func isAtomic(pc uintptr) bool {
	f := runtime.FuncForPC(pc)
	return f != nil &&
		(strings.HasPrefix(f.Name(), "sync/atomic.") || strings.HasPrefix(f.Name(), "internal/runtime/atomic."))
}

// moved returns how far from this process's executable that of another, which runs the
// same one, was loaded: in position-independent programs each is elsewhere.
func moved(pid int) (uint64, error) {
	here, err := loadedAt("self")
	if err != nil {
		return 0, err
	}
	there, err := loadedAt(strconv.Itoa(pid))
	return there - here, err
}

// loadedAt returns the address at which the executable of a process begins.
func loadedAt(process string) (uint64, error) {
	executable, err := os.Readlink("/proc/" + process + "/exe")
	if err != nil {
		return 0, fmt.Errorf("finding where the counted process is loaded: %w", err)
	}
	mappings, err := os.Open("/proc/" + process + "/maps")
	if err != nil {
		return 0, fmt.Errorf("finding where the counted process is loaded: %w", err)
	}
	defer mappings.Close()
	for lines := bufio.NewScanner(mappings); lines.Scan(); {
		if strings.HasSuffix(lines.Text(), " "+executable) {
			address, _, _ := strings.Cut(lines.Text(), "-")
			return strconv.ParseUint(address, 16, 64)
		}
	}
	return 0, fmt.Errorf("finding where the counted process is loaded: /proc/%s/maps has no %s", process, executable)
}
