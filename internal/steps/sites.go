//go:build linux && amd64

package steps

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// profile sums up what was executed at each address.
func (t *tracer) profile(executed map[uint64]int) (Profile, error) {
	// The child is the same program, but may have been loaded elsewhere.
	mine, err := loadedAt("self")
	if err != nil {
		return Profile{}, err
	}
	theirs, err := loadedAt(strconv.Itoa(t.pid))
	if err != nil {
		return Profile{}, err
	}
	var p Profile
	lines := map[Site]int{}
	addresses := slices.Sorted(maps.Keys(executed))
	here := make([]uint64, len(addresses))
	for i, pc := range addresses {
		here[i] = pc - theirs + mine
	}
	for i, pc := range addresses {
		p.Instructions += executed[pc]
		if t.code[pc].locked {
			p.Locked += executed[pc]
			lines[siteOf(here, i)] += executed[pc]
		}
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
	return p, nil
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

// siteOf names the place of pcs[i], an instruction of this program; pcs are those
// that were executed, in order. Where an atomic operation is inlined its own line says
// little. Then it is the nearest line before that belongs to another package: that
// loads its arguments.
func siteOf(pcs []uint64, i int) Site {
	site, entry := frameAt(pcs[i])
	for i--; i >= 0 && isAtomic(site.Function); i-- {
		before, same := frameAt(pcs[i])
		if same != entry {
			break
		}
		site = before
	}
	if isAtomic(site.Function) {
		// The function that all of it is inlined into.
		if f := runtime.FuncForPC(entry); f != nil {
			site.Function = f.Name()
		}
	}
	return site
}

// frameAt returns the line of the instruction at pc, and the address of the function
// that it was compiled into.
func frameAt(pc uint64) (Site, uintptr) {
	f := runtime.FuncForPC(uintptr(pc))
	if f == nil {
		return Site{Function: "not Go code"}, 0
	}
	file, line := f.FileLine(uintptr(pc))
	return Site{Function: f.Name(), File: file, Line: line}, f.Entry()
}

// isAtomic tells whether a function belongs to one of Go's packages of atomic
// operations.
func isAtomic(function string) bool {
	return strings.HasPrefix(function, "sync/atomic.") || strings.HasPrefix(function, "internal/runtime/atomic.")
}
