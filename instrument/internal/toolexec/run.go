package toolexec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A call is a tool with its arguments, as the go command runs it.
type call struct {
	name string // of the plan's file
	tool string
	args []string

	loaded *Plan
}

// Run runs a tool in a build with the plan in a file, and returns its exit code.
func Run(plan, tool string, args []string, stdout, stderr io.Writer) (int, error) {
	c := &call{name: plan, tool: tool, args: args}
	if len(args) == 1 && args[0] == "-V=full" {
		return c.version(stdout, stderr)
	}
	var err error
	switch strings.TrimSuffix(filepath.Base(tool), ".exe") {
	case "compile":
		err = c.compile()
	case "cgo":
		err = c.cgo()
	case "link":
		err = c.link()
	default:
		err = c.vet() // which may have any name
	}
	if err != nil {
		return 1, err
	}
	return execute(c.tool, c.args, stdout, stderr)
}

func execute(tool string, args []string, stdout, stderr io.Writer) (int, error) {
	cmd := exec.Command(tool, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, stdout, stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	if err != nil {
		return 1, fmt.Errorf("running %s: %w", tool, err)
	}
	return 0, nil
}

// plan reads the plan. Most tools have nothing to do with it, and it can be long.
func (c *call) plan() (*Plan, error) {
	if c.loaded == nil {
		p, err := Read(c.name)
		if err != nil {
			return nil, err
		}
		c.loaded = p
	}
	return c.loaded, nil
}

// version answers the go command's question for the version of a tool, which is in
// the hash of all that it makes. With a plan that has an ID, that differs.
func (c *call) version(stdout, stderr io.Writer) (int, error) {
	p, err := c.plan()
	if err != nil {
		return 1, err
	}
	var answer bytes.Buffer
	code, err := execute(c.tool, c.args, &answer, stderr)
	if err != nil || code != 0 {
		return code, err
	}
	line := strings.TrimSuffix(answer.String(), "\n")
	if p.ID != "" {
		line = withID(line, p.ID)
	}
	fmt.Fprintln(stdout, line)
	return 0, nil
}

// withID adds an id to a tool's version: "compile version go1.26.8". What a tool
// of a development version says ends in buildID=…/content, and only the content counts.
func withID(line, id string) string {
	if strings.Contains(line, " buildID=") {
		return line + "+gvinstrument." + id
	}
	return line + " gvinstrument=" + id
}

// flag returns the value of a flag that stands before the files, and the index of the argument
// that holds it, or -1.
func (c *call) flag(name string) (value string, at int) {
	for i, arg := range c.args {
		if arg == "--" {
			break
		}
		flag, value, inline := strings.Cut(arg, "=")
		if flag != name && flag != "-"+name {
			continue
		}
		if inline {
			return value, i
		}
		if i+1 < len(c.args) {
			return c.args[i+1], i + 1
		}
	}
	return "", -1
}

// set gives the flag whose value is at an index another one.
func (c *call) set(at int, value string) {
	if flag, _, inline := strings.Cut(c.args[at], "="); inline && strings.HasPrefix(flag, "-") {
		value = flag + "=" + value
	}
	c.args[at] = value
}

// absolute returns a file name as the plan has it.
func absolute(name string) string {
	if abs, err := filepath.Abs(name); err == nil {
		return abs
	}
	return name
}
