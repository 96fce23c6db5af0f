package toolexec

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
)

// vet tells vet of the runtime package. The go command gives vet the originals, but
// for files that import "C": those are what cgo has made of the copies.
func (c *call) vet() error {
	if len(c.args) == 0 || filepath.Base(c.args[len(c.args)-1]) != "vet.cfg" {
		return nil
	}
	name := c.args[len(c.args)-1]
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if !strings.Contains(string(data), ".cgo1.go") {
		return nil
	}
	p, err := c.plan()
	if err != nil || len(p.Links) == 0 {
		return err
	}
	// A cfg has more than is of interest here, and that depends on the Go release.
	var cfg map[string]json.RawMessage
	if err := json.Unmarshal(data, &cfg); err != nil {
		return err
	}
	for field, value := range map[string]string{"ImportMap": p.Links[0].Path, "PackageFile": p.Links[0].File} {
		if err := addTo(cfg, field, p.Links[0].Path, value); err != nil {
			return err
		}
	}
	if data, err = json.Marshal(cfg); err != nil {
		return err
	}
	to := filepath.Join(filepath.Dir(name), "gv_vet.cfg")
	c.args[len(c.args)-1] = to
	return os.WriteFile(to, data, 0o666)
}

// addTo adds an entry to a map in a cfg, unless it is there.
func addTo(cfg map[string]json.RawMessage, field, key, value string) error {
	entries := map[string]string{}
	if raw, ok := cfg[field]; ok {
		if err := json.Unmarshal(raw, &entries); err != nil {
			return err
		}
	}
	if entries[key] == "" {
		entries[key] = value
	}
	var err error
	cfg[field], err = json.Marshal(entries)
	return err
}
