//go:build linux && (amd64 || arm64) && go1.26 && !go1.28

package arch

import (
	"context"
	"errors"
	"go/build"
	"os/exec"
	goruntime "runtime"
	"testing"
	"time"

	"github.com/gvthread/gvthread/arch/internal/rtlayout"
)

// layoutTable is the table that this test was compiled with.
var layoutTable = rtlayout.Values{
	"gStackLo":           gStackLo,
	"gStackHi":           gStackHi,
	"gStackguard0":       gStackguard0,
	"gPanic":             gPanic,
	"gM":                 gM,
	"gSchedSP":           gSchedSP,
	"gSchedPC":           gSchedPC,
	"gSchedCtxt":         gSchedCtxt,
	"gSchedLR":           gSchedLR,
	"gSchedBP":           gSchedBP,
	"gStktopsp":          gStktopsp,
	"gAtomicstatus":      gAtomicstatus,
	"gGoid":              gGoid,
	"gWaitsince":         gWaitsince,
	"gWaitreason":        gWaitreason,
	"gPreempt":           gPreempt,
	"gPreemptStop":       gPreemptStop,
	"gAsyncSafePoint":    gAsyncSafePoint,
	"gLockedm":           gLockedm,
	"gFipsOnlyBypass":    gFipsOnlyBypass,
	"gDitWanted":         gDitWanted,
	"gSyncSafePoint":     gSyncSafePoint,
	"gSecret":            gSecret,
	"gGoroutineProfiled": gGoroutineProfiled,
	"gBubble":            gBubble,
	"gTraceStatus":       gTraceStatus,
	"mG0":                mG0,
	"mProcid":            mProcid,
	"mCurg":              mCurg,
	"mP":                 mP,
	"mLocks":             mLocks,
	"mTraceBuf":          mTraceBuf,
	"pSchedtick":         pSchedtick,
	"statusRunnable":     statusRunnable,
	"statusRunning":      statusRunning,
	"statusSyscall":      statusSyscall,
	"statusWaiting":      statusWaiting,
	"statusPreempted":    statusPreempted,
	"statusScan":         statusScan,
}

// TestLayoutMatchesToolchain reads the layout of the toolchain that runs the
// test, for both architectures, and compares every constant with it.
func TestLayoutMatchesToolchain(t *testing.T) {
	for _, goarch := range []string{"amd64", "arm64"} {
		t.Run(goarch, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			target := rtlayout.Target{Version: goruntime.Version(), GOARCH: goarch}
			data, err := rtlayout.Probe(ctx, target)
			if errors.Is(err, exec.ErrNotFound) {
				t.Skipf("no go command to build the probe with: %v", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			actual, err := rtlayout.Read(data, target, rtlayout.Items())
			if err != nil {
				t.Fatal(err)
			}
			for name, value := range actual {
				if listed, ok := layoutTable[name]; !ok {
					t.Errorf("layoutTable in this test lacks %s", name)
				} else if listed != value {
					t.Errorf("%s is %d in the table of %s, and %d in %s",
						name, listed, layoutRelease, value, target)
				}
			}
		})
	}
}

// TestLayoutTableIsGenerated finds constants of layoutTable that the generator
// doesn't know, which nothing would compare.
func TestLayoutTableIsGenerated(t *testing.T) {
	unknown := make(map[string]bool)
	for name := range layoutTable {
		unknown[name] = true
	}
	for _, it := range rtlayout.Items() {
		delete(unknown, it.Const)
	}
	for name := range unknown {
		t.Errorf("rtlayout.Items lacks %s", name)
	}
}

// TestLayoutRelease compares the table's release with the newest release tag
// that the toolchain satisfies: they differ if a build-tag range is wrong.
func TestLayoutRelease(t *testing.T) {
	tags := build.Default.ReleaseTags
	if newest := tags[len(tags)-1]; layoutRelease != newest {
		t.Errorf("layoutRelease is %s in a program built with %s (%s)", layoutRelease, newest, goruntime.Version())
	}
}
