// Package again starts the running program again, for what needs a process of its own.
package again

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Command returns a command that runs a program, this one unless it is named, without
// arguments, and with env added to its environment. It is killed when ctx ends.
func Command(ctx context.Context, program string, env ...string) (*exec.Cmd, error) {
	if program == "" {
		var err error
		if program, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("starting this program again: %w", err)
		}
	}
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(os.Environ(), env...)
	cmd.WaitDelay = 5 * time.Second // processes that it has started may keep its output open
	return cmd, nil
}

// WithSlots is what a process that has threads on stack slots needs in its environment when
// it starts.
func WithSlots() string {
	return "GODEBUG=" + strings.TrimPrefix(os.Getenv("GODEBUG")+",gcshrinkstackoff=1", ",")
}
