package toolexec

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// cgo gives cgo the copies of the files that import "C". What it makes of a file is
// named by the file's name, so a copy must have the same, in another folder.
func (c *call) cgo() error {
	objdir, at := c.flag("-objdir")
	if at < 0 {
		return nil
	}
	p, err := c.plan()
	if err != nil {
		return err
	}
	folder := filepath.Join(objdir, "gvcgo")
	var dirs []string
	for i := len(c.args) - 1; i >= 0 && strings.HasSuffix(c.args[i], ".go"); i-- {
		name := absolute(c.args[i])
		text, err := p.forCgo(name)
		if err != nil {
			return err
		}
		if text == nil {
			continue
		}
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return err
		}
		to := filepath.Join(folder, filepath.Base(name))
		if err := os.WriteFile(to, text, 0o666); err != nil {
			return err
		}
		c.args[i] = to
		if dir := filepath.Dir(name); !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	if len(dirs) > 0 {
		c.trimForCgo(folder + "=>" + dirs[0])
	}
	return nil
}

// forCgo returns the text that cgo reads for a file, nil if that is the file's own.
func (p *Plan) forCgo(name string) ([]byte, error) {
	if s, ok := p.Files[name]; ok {
		if _, err := s.check(name); err != nil {
			return nil, err
		}
		return os.ReadFile(s.Copy)
	}
	if !isCovered(name) {
		return nil, nil
	}
	_, text, err := p.covered(name)
	return text, err
}

func (c *call) trimForCgo(rule string) {
	if trim, at := c.flag("-trimpath"); at >= 0 {
		c.set(at, rule+";"+trim)
		return
	}
	c.args = append([]string{"-trimpath", rule}, c.args...)
}
