package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/gvthread/gvthread/examples/internal/again"
)

// The program starts itself again for the server and for the load generator, so
// that each turn has a fresh heap, and the generator a process of its own; and for
// the busy process of -other. The
// variable says which part a process plays.
const roleVariable = "GVTHREAD_LATENCY_ROLE"

const (
	roleServer = "server"
	roleLoad   = "load"
	roleOther  = "other"
)

// playRole does what the environment asks of this process, if it is a child. It
// gets its task as JSON on its standard input and answers on its standard
// output.
func playRole() (played bool, err error) {
	in := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	switch role := os.Getenv(roleVariable); role {
	case "":
		return false, nil
	case roleServer:
		return true, runServer(in, out)
	case roleLoad:
		return true, runLoad(in, out)
	case roleOther:
		return true, runOther(in, out)
	default:
		return true, fmt.Errorf("%s is %q, which is none of %s, %s, %s: unset it", roleVariable, role, roleServer, roleLoad, roleOther)
	}
}

// A child is a process of this program that plays a role.
type child struct {
	role string
	cmd  *exec.Cmd
	to   io.WriteCloser
	from *json.Decoder
}

// startChild starts a process for the role and gives it its task. It is killed
// when ctx ends. The program is this one, unless it is named. env is what its
// environment has beside this one's.
func startChild(ctx context.Context, role, program string, task any, env ...string) (*child, error) {
	cmd, err := again.Command(ctx, program, append(env, roleVariable+"="+role)...)
	if err != nil {
		return nil, fmt.Errorf("starting the %s process: %w", role, err)
	}
	cmd.Stderr = os.Stderr
	to, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the %s process: %w", role, err)
	}
	from, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the %s process: %w", role, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the %s process: %w", role, err)
	}
	c := &child{role: role, cmd: cmd, to: to, from: json.NewDecoder(from)}
	if err := json.NewEncoder(to).Encode(task); err != nil {
		return nil, c.failed(err)
	}
	return c, nil
}

// read reads the next answer into v.
func (c *child) read(v any) error {
	if err := c.from.Decode(v); err != nil {
		return c.failed(err)
	}
	return nil
}

// ask sends a line and reads the answer to it into v.
func (c *child) ask(line string, v any) error {
	if _, err := fmt.Fprintln(c.to, line); err != nil {
		return c.failed(err)
	}
	return c.read(v)
}

// failed ends a child that can't be talked to any more, and says why that is.
func (c *child) failed(err error) error {
	c.cmd.Process.Kill()
	if exit := c.cmd.Wait(); errors.Is(err, io.EOF) && exit != nil {
		err = exit
	}
	return fmt.Errorf("the %s process: %w", c.role, err)
}

// end has the child finish, and waits for it.
func (c *child) end() error {
	c.to.Close()
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("the %s process: %w", c.role, err)
	}
	return nil
}

// busy is the processor time that the child has taken, in seconds, once it has
// ended.
func (c *child) busy() float64 {
	s := c.cmd.ProcessState
	return (s.UserTime() + s.SystemTime()).Seconds()
}
