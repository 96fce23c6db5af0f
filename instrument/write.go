package instrument

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
)

// Write replaces the files, all or none.
//
// First every new text is written beside its file, then all are renamed. Should a
// rename fail, those before it are undone. What a file has besides its text, such as
// its owner and its mode, stays; where that can't be had, Write refuses. A signal
// that ends programs ends the first part, with an error, and nothing has changed. The
// second part goes on to its end. A process that is killed in between leaves files
// that Clean removes, and some of the texts replaced: each is whole.
func Write(files []File) error {
	stop := CatchEndings()
	defer signal.Stop(stop)
	w := newWriter(files)
	defer w.clean()
	for _, f := range files {
		select {
		case s := <-stop:
			return fmt.Errorf("%v; nothing has been changed", s)
		default:
		}
		if err := w.stage(f); err != nil {
			return fmt.Errorf("%w; nothing has been changed", err)
		}
	}
	return w.replace()
}

// CatchEndings returns a channel for the signals that end a program which can still do
// something about it. Those that the process ignores, as under nohup, stay ignored.
func CatchEndings() chan os.Signal {
	c := make(chan os.Signal, 1)
	for _, s := range endings {
		if !signal.Ignored(s) {
			signal.Notify(c, s)
		}
	}
	return c
}

// A stagedFile is a new text, ready to take its place.
type stagedFile struct {
	name, temp string
}

type writer struct {
	staging *staging
	files   []File
	staged  []stagedFile
}

func newWriter(files []File) *writer { return &writer{staging: newStaging(), files: files} }

func (w *writer) stage(f File) error {
	name, err := filepath.EvalSymlinks(f.Name)
	if err != nil {
		return fmt.Errorf("resolving %s: %w", f.Name, err)
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o200 == 0 {
		return fmt.Errorf("%s is read-only; make it writable, or use gvinstrument build, which leaves sources alone", f.Name)
	}
	now, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, f.Old) {
		return fmt.Errorf("%s has changed since it was read; run gvinstrument again", f.Name)
	}
	temp, err := w.staging.create(filepath.Dir(name))
	if err != nil {
		return fmt.Errorf("writing beside %s: %w", f.Name, err)
	}
	w.staged = append(w.staged, stagedFile{name: name, temp: temp.Name()})
	_, err = temp.Write(f.New)
	if err == nil {
		err = keepAttributes(temp, name, info)
	}
	if err := errors.Join(err, temp.Close()); err != nil {
		return fmt.Errorf("writing beside %s: %w", f.Name, err)
	}
	return nil
}

// replace puts the staged files where they belong.
func (w *writer) replace() error {
	for i, s := range w.staged {
		if err := os.Rename(s.temp, s.name); err != nil {
			return errors.Join(fmt.Errorf("replacing %s: %w", s.name, err), w.undo(i))
		}
	}
	return nil
}

// undo puts the first n files back.
func (w *writer) undo(n int) error {
	var back []File
	for i, f := range w.files[:n] {
		back = append(back, File{Name: w.staged[i].name, Old: f.New, New: f.Old})
	}
	u := newWriter(back)
	defer u.clean()
	var errs []error
	for _, f := range back {
		errs = append(errs, u.stage(f))
	}
	return errors.Join(append(errs, u.replace())...)
}

// clean removes the staged files that took nobody's place.
func (w *writer) clean() {
	for _, s := range w.staged {
		os.Remove(s.temp) // gone already if all went well
	}
	w.staging.end()
}
