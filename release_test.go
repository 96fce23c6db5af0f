package gvthread_test

import (
	"archive/zip"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// version is the release that the tests make of the checkout. It is the next one: what
// the other modules of the release require.
const version = "v0.9.0"

// released are the folders of the modules that make a release.
var released = []string{".", "instrument/gvlint", "runtime/gvprom"}

// The modules of a release require that release of this one.
func TestReleaseIsOne(t *testing.T) {
	for _, folder := range released[1:] {
		mod, err := os.ReadFile(filepath.Join(folder, "go.mod"))
		if err != nil {
			t.Fatal(err)
		}
		if want := "\t" + module + " " + version + "\n"; !strings.Contains(string(mod), want) {
			t.Errorf("%s/go.mod does not require %s", folder, strings.TrimSpace(want))
		}
	}
}

// serveRelease lays the checkout out as a module proxy has a release, and returns the
// proxy's URL.
func serveRelease(t *testing.T) string {
	t.Helper()
	proxy := t.TempDir()
	for _, folder := range released {
		dir := filepath.Join(proxy, filepath.FromSlash(path.Join(module, folder)), "@v")
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		mod, err := os.ReadFile(filepath.Join(folder, "go.mod"))
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{
			"list":            version + "\n",
			version + ".info": `{"Version":"` + version + `"}`,
			version + ".mod":  string(mod),
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if err := zipModule(folder, filepath.Join(dir, version+".zip")); err != nil {
			t.Fatal(err)
		}
	}
	return "file://" + filepath.ToSlash(proxy)
}

// zipModule packs a folder of the checkout as a module, without the modules within.
func zipModule(folder, name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	z := zip.NewWriter(f)
	err = filepath.WalkDir(folder, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case file == folder:
			return nil
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") || isFile(filepath.Join(file, "go.mod"))):
			return filepath.SkipDir
		case !d.Type().IsRegular() || strings.HasPrefix(d.Name(), "."):
			return nil
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		within, err := filepath.Rel(folder, file)
		if err != nil {
			return err
		}
		w, err := z.Create(path.Join(module, folder) + "@" + version + "/" + filepath.ToSlash(within))
		if err != nil {
			return err
		}
		_, err = w.Write(text)
		return err
	})
	if err != nil {
		return err
	}
	return z.Close()
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}
