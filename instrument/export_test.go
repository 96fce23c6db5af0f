package instrument

import (
	"fmt"
	"strings"
)

// RulesTable returns the rules as a table in Markdown, as the README has it.
func RulesTable() string {
	var out strings.Builder
	out.WriteString("| rule | policies | which | decision | why |\n| --- | --- | --- | --- | --- |\n")
	for _, r := range Rules {
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s |\n", r.Name, r.in, r.What, r.result(), r.Why)
	}
	return out.String()
}
