package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// The program starts itself again for each kind of stacks. The variable says which, and how
// many threads.
const roleVariable = "GVTHREAD_STRESS_ROLE"

// slotSetting is what slots need in GODEBUG, when the program starts.
const slotSetting = "gcshrinkstackoff=1"

// A report is what such a process writes.
type report struct {
	Engine gv.Engine
	// Start, Park, Wake and Finish are those of a result, for each thread.
	Start, Park, Wake, Finish time.Duration
	// Resident, Tables and Virtual are what the process has with all threads parked, in bytes:
	// memory, that of page tables, and address space.
	Resident, Tables, Virtual int64
}

// playRole does what the variable asks of this process.
func playRole() (played bool, err error) {
	role := os.Getenv(roleVariable)
	if role == "" {
		return false, nil
	}
	name, count, _ := strings.Cut(role, " ")
	n, err := strconv.Atoi(count)
	kind, ok := map[string]gv.StackKind{gv.GrowingStacks.String(): gv.GrowingStacks, gv.SlotStacks.String(): gv.SlotStacks}[name]
	if err != nil || !ok || n < 1 {
		return true, fmt.Errorf("%s is %q, which is no role: unset it", roleVariable, role)
	}
	r, err := stress(n, kind, os.Stderr)
	if err != nil {
		return true, err
	}
	each := func(d time.Duration) time.Duration { return d / time.Duration(n) }
	return true, json.NewEncoder(os.Stdout).Encode(report{
		r.engine, each(r.start), each(r.park), each(r.wake), each(r.finish), r.atPeak.resident, r.atPeak.tables, r.atPeak.virtual,
	})
}

// compareStacks runs n threads on stacks of each kind.
func compareStacks(n int, out, progress io.Writer) error {
	fmt.Fprintf(out, "%d threads, each row from a process of its own\n\n", n)
	fmt.Fprintf(out, "%-14s %43s   %36s\n", "", "nanoseconds a thread", "bytes a thread, of the whole process")
	fmt.Fprintf(out, "%-14s %10s %10s %10s %10s   %10s %12s %12s\n", "", "start", "park", "wake", "finish", "resident", "page tables", "virtual")
	for _, kind := range []gv.StackKind{gv.GrowingStacks, gv.SlotStacks} {
		fmt.Fprintf(progress, "%v\n", kind)
		r, err := runApart(kind, n, progress)
		if err != nil {
			return fmt.Errorf("%v: %w", kind, err)
		}
		fmt.Fprintf(out, "%-14v %10d %10d %10d %10d   %10d %12d %12d\n", kind,
			r.Start, r.Park, r.Wake, r.Finish, r.Resident/int64(n), r.Tables/int64(n), r.Virtual/int64(n))
	}
	return nil
}

// runApart runs n threads in a process of its own.
func runApart(kind gv.StackKind, n int, progress io.Writer) (r report, err error) {
	program, err := os.Executable()
	if err != nil {
		return r, err
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%v %d", roleVariable, kind, n))
	if kind == gv.SlotStacks {
		cmd.Env = append(cmd.Env, "GODEBUG="+strings.TrimPrefix(os.Getenv("GODEBUG")+","+slotSetting, ","))
	}
	var complaint bytes.Buffer
	cmd.Stderr = io.MultiWriter(progress, &complaint)
	text, err := cmd.Output()
	if err != nil {
		return r, fmt.Errorf("%w: %s", err, bytes.TrimSpace(complaint.Bytes()))
	}
	return r, json.Unmarshal(text, &r)
}
