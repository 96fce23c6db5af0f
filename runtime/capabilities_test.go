package gv_test

import (
	"errors"
	"os"
	"os/exec"
	goruntime "runtime"
	"strings"
	"testing"

	gv "github.com/gvthread/gvthread/runtime"
)

// Every "no" in the report of what a runtime can do comes with a reason, and
// every "yes" without one.
func TestCapabilitiesGiveReasons(t *testing.T) {
	for _, c := range []gv.Config{
		{}, {Engine: gv.Native}, {Engine: gv.Portable}, {NoForced: true}, {Engine: gv.Portable, NoForced: true},
	} {
		t.Run(c.Engine.String(), func(t *testing.T) {
			rt := open(t, c)
			caps := rt.Capabilities()
			if caps.Engine != gv.Native && caps.Engine != gv.Portable {
				t.Errorf("engine %v", caps.Engine)
			}
			if c.Engine != gv.Auto && caps.Engine != c.Engine {
				t.Errorf("engine %v, asked for %v", caps.Engine, c.Engine)
			}
			if native := caps.Engine == gv.Native; native != (caps.EngineReason == "") {
				t.Errorf("engine %v with reason %q", caps.Engine, caps.EngineReason)
			}
			if caps.Forced != (caps.ForcedReason == "") {
				t.Errorf("forced %v with reason %q", caps.Forced, caps.ForcedReason)
			}
			if caps.Forced && (c.NoForced || caps.Engine == gv.Portable) {
				t.Errorf("forced preemption with %+v", c)
			}
			if caps.MaxStack != (caps.MaxStackReason == "") {
				t.Errorf("MaxStack %v with reason %q", caps.MaxStack, caps.MaxStackReason)
			}
			if caps.Stacks != "goroutine" && caps.Stacks != os.Getenv(stacksEnv) || caps.StacksReason != "" {
				t.Errorf("stacks %q (%s)", caps.Stacks, caps.StacksReason)
			}
		})
	}
}

// The reasons name what stands in the way.
func TestCapabilitiesReasons(t *testing.T) {
	portable := open(t, gv.Config{Engine: gv.Portable}).Capabilities()
	if !strings.Contains(portable.EngineReason, "Config.Engine") || !strings.Contains(portable.ForcedReason, "Portable") {
		t.Errorf("reasons %q, %q", portable.EngineReason, portable.ForcedReason)
	}
	rt, err := gv.New(gv.Config{Engine: gv.Native, NoForced: true})
	if err != nil {
		if !errors.Is(err, gv.ErrNativeUnavailable) {
			t.Errorf("New: %v, want one that wraps ErrNativeUnavailable", err)
		}
		t.Skip(err)
	}
	defer rt.Close()
	if caps := rt.Capabilities(); !strings.Contains(caps.ForcedReason, "NoForced") {
		t.Errorf("reason %q", caps.ForcedReason)
	}
}

// childEnv tells the test binary, when it is started by a test, what to do in
// the place of the test.
const childEnv = "GV_TEST_CHILD"

// emulatorEnv names the command that runs the test binary, if the kernel can't.
const emulatorEnv = "GV_EMULATOR"

// inChild reports whether this is the process that child has started.
func inChild() bool { return os.Getenv(childEnv) != "" }

// child runs the calling test in a process of its own, with more environment.
func child(t *testing.T, env ...string) (output string, err error) {
	t.Helper()
	cmd := childCommand(t, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// inOwnProcess reports whether the calling test has a process of its own, where the default
// runtime, which stays open once it is used, isn't. If not, it has run the test in one, with
// more environment.
func inOwnProcess(t *testing.T, env ...string) bool {
	t.Helper()
	if inChild() {
		return true
	}
	if out, err := child(t, env...); err != nil {
		t.Errorf("with %q: %v\n%s", env, err, out)
	}
	return false
}

// childCommand is the test binary, for a test to start, as a child.
func childCommand(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	command := append(strings.Fields(os.Getenv(emulatorEnv)), exe)
	command = append(command, args...)
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Env = append(os.Environ(), childEnv+"=1")
	return cmd
}

// What a process may be started with doesn't cost more than it must: one
// processor costs nothing, and without asynchronous preemption by Go there is
// none here, for a reason that is given.
func TestCapabilitiesInOtherProcesses(t *testing.T) {
	if inChild() {
		rt, err := gv.New(gv.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer rt.Close()
		caps := rt.Capabilities()
		t.Logf("%v forced=%v %s%s", caps.Engine, caps.Forced, caps.EngineReason, caps.ForcedReason)
		return
	}
	here := open(t, gv.Config{}).Capabilities()
	for _, test := range []struct{ env, want string }{
		{"GOMAXPROCS=1", "Native forced=true"},
		{"GOMAXPROCS=" + "16", "Native forced=true"},
		{"GODEBUG=asyncpreemptoff=1", "Native forced=false arch: no forced preemption: GODEBUG has asyncpreemptoff=1"},
		{"GODEBUG=asyncpreemptoff=1,asyncpreemptoff=0", "Native forced=true"},
		{"GODEBUG=gccheckmark=1,asyncpreemptoff=0", "Native forced=false arch: no forced preemption: GODEBUG has gccheckmark=1"},
	} {
		out, err := child(t, test.env)
		if err != nil {
			t.Errorf("%s: %v\n%s", test.env, err, out)
		}
		if here.Forced && !strings.Contains(out, test.want) {
			t.Errorf("with %s on %s/%s: %s, want %q", test.env, goruntime.GOOS, goruntime.GOARCH, out, test.want)
		}
	}
}
