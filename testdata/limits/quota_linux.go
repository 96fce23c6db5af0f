package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"strconv"
	"strings"
	"time"

	gv "github.com/gvthread/gvthread/runtime"
)

// groupEnv is the folder of the control group that the process is to join.
const groupEnv = "GV_LIMIT_GROUP"

// joinGroup moves the process to it.
func joinGroup() error {
	return set(filepath.Join(os.Getenv(groupEnv), "cgroup.procs"), strconv.Itoa(os.Getpid()))
}

// set writes a file of a control group. It makes none: where the kernel has no
// such file, there is no such limit.
func set(file, value string) error {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(value)
	return errors.Join(err, f.Close())
}

// newGroup makes a control group for the process that may use so many percent of one core.
func newGroup(cmd *exec.Cmd, percent int) (dir string, err error) {
	for _, root := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/cpu"} {
		dir := filepath.Join(root, fmt.Sprint("gvthread-limits-", os.Getpid()))
		if os.Mkdir(dir, 0o755) != nil {
			continue
		}
		if setQuota(dir, percent) != nil {
			os.Remove(dir)
			continue
		}
		cmd.Env = append(cmd.Env, groupEnv+"="+dir)
		return dir, nil
	}
	return "", errors.New("no control group can be made")
}

// setQuota sets the quota of a control group, of version 2 or 1.
func setQuota(dir string, percent int) error {
	const period = 100_000
	budget := strconv.Itoa(period * percent / 100)
	err := set(filepath.Join(dir, "cpu.max"), fmt.Sprint(budget, " ", period))
	if errors.Is(err, os.ErrNotExist) {
		err = set(filepath.Join(dir, "cpu.cfs_quota_us"), budget)
	}
	return err
}

// quota makes a control group for the process that may use so many percent of
// one core, and sees that it did hold the process up.
func quota(percent int) func(*exec.Cmd) (func() error, error) {
	return func(cmd *exec.Cmd) (func() error, error) {
		dir, err := newGroup(cmd, percent)
		return func() error { return errors.Join(heldUp(dir), os.Remove(dir)) }, err
	}
}

// heldUp tells whether the processes of a control group had to wait for its quota.
func heldUp(dir string) error {
	stat, err := os.ReadFile(filepath.Join(dir, "cpu.stat"))
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(stat)) {
		if n, ok := strings.CutPrefix(line, "nr_throttled "); ok && n != "0\n" {
			return nil
		}
	}
	return fmt.Errorf("the quota did not hold it up: %s", stat)
}

// quotaOfTwo makes a control group for the process that may use two cores. Below that
// Go makes no difference.
func quotaOfTwo(cmd *exec.Cmd) (func() error, error) {
	if goruntime.NumCPU() < 3 {
		return nil, errors.New("it needs three cores")
	}
	dir, err := newGroup(cmd, 200)
	return func() error { return os.Remove(dir) }, err
}

// followQuota changes the quota of the process's control group while a runtime is open, and
// after its end, and waits until GOMAXPROCS has followed.
func followQuota() (code int) {
	dir := os.Getenv(groupEnv)
	if n := goruntime.GOMAXPROCS(0); n != 2 {
		fmt.Printf("with a quota of two cores GOMAXPROCS is %d at first\n", n)
		return 1
	}
	rt, err := gv.New(gv.Config{})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	added := goruntime.GOMAXPROCS(0) - 2
	for _, cores := range []int{3, 2, 3} {
		if err := follow(dir, cores, cores+added, rt); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	if err := rt.Close(); err != nil {
		fmt.Println(err)
		return 1
	}
	if n := goruntime.GOMAXPROCS(0); n != 3 {
		fmt.Printf("with a quota of three cores GOMAXPROCS is %d after Close\n", n)
		return 1
	}
	if err := follow(dir, 2, 2, nil); err != nil { // Go does that
		fmt.Println(err)
		return 1
	}
	fmt.Printf("GOMAXPROCS follows the quota, with %d more for a runtime", added)
	return 0
}

// follow lets the control group use so many cores, and waits until GOMAXPROCS is as wanted,
// while a thread of rt sleeps and runs; rt may be nil.
func follow(dir string, cores, want int, rt *gv.Runtime) error {
	if err := setQuota(dir, 100*cores); err != nil {
		return err
	}
	for goruntime.GOMAXPROCS(0) != want {
		if rt == nil {
			time.Sleep(time.Millisecond)
			continue
		}
		if err := rt.Do(func(context.Context) error { return gv.Sleep(time.Millisecond) }); err != nil {
			return err
		}
	}
	return nil
}
