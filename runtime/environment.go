package gv

import (
	"fmt"
	"os"
	"strings"
)

// variable is what those who run a program set to change its engine without a new build: a
// list of words with commas between them.
const variable = "GVTHREAD"

// An environment is what the variable says.
type environment struct {
	text               string
	portable, noForced bool
	// noSlots is set if portable has kept the program from having the slots it asked for.
	noSlots bool
	unknown []string
}

func readEnvironment() environment {
	e := environment{text: os.Getenv(variable)}
	for word := range strings.SplitSeq(e.text, ",") {
		switch word = strings.TrimSpace(word); word {
		case "":
		case "portable":
			e.portable = true
		case "noforced":
			e.noForced = true
		default:
			e.unknown = append(e.unknown, word)
		}
	}
	return e
}

// override changes what the program has set.
func (e *environment) override(c *Config) {
	if e.portable {
		c.Engine = Portable
		e.noSlots = c.Stacks == SlotStacks
		c.Stacks, c.SlotSize = GrowingStacks, 0
	}
	c.NoForced = c.NoForced || e.noForced
}

// engineReason says why the engine was chosen to be Portable.
func (e environment) engineReason() string {
	if e.portable {
		return variable + " in the environment has portable"
	}
	return "Config.Engine is Portable"
}

// stacksReason says why threads have no slots that the program has asked for, if so.
func (e environment) stacksReason() string {
	if e.noSlots {
		return variable + " in the environment has portable"
	}
	return ""
}

// forcedReason says why forced preemption is off.
func (e environment) forcedReason() string {
	if e.noForced {
		return variable + " in the environment has noforced"
	}
	return "Config.NoForced is set"
}

// String is for Capabilities.
func (e environment) String() string {
	if len(e.unknown) == 0 {
		return e.text
	}
	return fmt.Sprintf("%s (unknown: %s; use portable or noforced)", e.text, strings.Join(e.unknown, ", "))
}
