package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"
)

// A heart is a process of its own that does nothing but sleep and note when it
// woke too late: then the machine stood still, or was busy with others, and what
// took long here took long for no fault of the runtime.
type heart struct {
	missed atomic.Int64 // in nanoseconds
	cmd    *exec.Cmd
}

// heartArg makes the program be a heart.
const heartArg = "heart"

// emulatorEnv names the command that runs the program, if the kernel can't.
const emulatorEnv = "GV_EMULATOR"

const (
	heartBeat = 10 * time.Millisecond
	heartLate = 250 * time.Millisecond
)

// beat is what that process does, until it is killed.
func beat() {
	for last := time.Now(); ; {
		time.Sleep(heartBeat)
		now := time.Now()
		if late := now.Sub(last) - heartBeat; late > heartLate {
			fmt.Println(int64(late))
		}
		last = now
	}
}

// startHeart starts the process.
func startHeart(r *report) (*heart, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := append(strings.Fields(os.Getenv(emulatorEnv)), self, heartArg)
	h := &heart{cmd: exec.Command(command[0], command[1:]...)}
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := h.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		var late time.Duration
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if _, err := fmt.Sscan(lines.Text(), (*int64)(&late)); err == nil {
				h.missed.Add(int64(late))
				r.print("the machine stood still for %v", late.Round(time.Millisecond))
			}
		}
	}()
	return h, nil
}

// stop ends the process.
func (h *heart) stop() {
	h.cmd.Process.Kill()
	h.cmd.Wait()
}
