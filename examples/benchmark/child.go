package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/gvthread/gvthread/examples/internal/again"
)

// The program starts itself again for measurements that need a process of their own,
// and for the client that sends requests. The variable says what a process is to do.
const roleVariable = "GVTHREAD_BENCHMARK_ROLE"

// The roles, and their arguments.
const (
	roleTurn   = "turn"   // row, side, length, engine
	roleClient = "client" // address, length
)

// playChild does what the variable asks for.
func playChild() (played bool, err error) {
	task := strings.Fields(os.Getenv(roleVariable))
	switch {
	case len(task) == 0:
		return false, nil
	case task[0] == roleTurn && len(task) == 5:
		return true, playTurn(task[1], task[2], task[3], task[4])
	case task[0] == roleClient && len(task) == 3:
		return true, playClient(task[1], task[2])
	}
	return true, fmt.Errorf("%s is %q, which is no role: unset it", roleVariable, task)
}

// command returns a child that plays a role and answers on its standard output. It is
// killed when ctx ends.
func command(ctx context.Context, task ...string) (*exec.Cmd, error) {
	env := []string{roleVariable + "=" + strings.Join(task, " ")}
	if task[0] == roleTurn && strings.HasPrefix(task[1], "slots_") && task[2] == sideThreads {
		env = append(env, again.WithSlots())
	}
	return again.Command(ctx, "", env...)
}

// measureApart does one turn in a process of its own.
func measureApart(t turn, name, side string) (values, error) {
	cmd, err := command(t.ctx, roleTurn, name, side, t.long.String(), strings.ToLower(t.engine.String()))
	if err != nil {
		return nil, err
	}
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("in a process of its own: %w: %s", err, bytes.TrimSpace(complaint.Bytes()))
	}
	var a found
	if err := json.Unmarshal(out, &a); err != nil {
		return nil, fmt.Errorf("in a process of its own: %w in %q", err, out)
	}
	if a.Absent != "" {
		return nil, fmt.Errorf("%w: %s", errAbsent, a.Absent)
	}
	return a.Values, nil
}

// found is what a turn in a process of its own has found, or why it can't be done here.
type found struct {
	Values values `json:",omitempty"`
	Absent string `json:",omitempty"`
}

// playTurn does one turn and writes what it has found.
func playTurn(name, side, long, engine string) error {
	t := turn{ctx: context.Background()}
	var err error
	if t.long, err = time.ParseDuration(long); err != nil {
		return err
	}
	if t.engine, err = engineNamed(engine); err != nil {
		return err
	}
	all := rows()
	i := slices.IndexFunc(all, func(r row) bool { return r.name == name })
	if i < 0 {
		return fmt.Errorf("there is no row %s", name)
	}
	var a found
	a.Values, err = all[i].side(side)(t)
	if errors.Is(err, errAbsent) {
		a.Absent = strings.TrimPrefix(err.Error(), errAbsent.Error()+": ")
	} else if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(a)
}
