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
// rename fail, those before it are undone. An interrupt waits until it is over.
func Write(files []File) error {
	w := &writer{files: files}
	defer w.clean()
	for _, f := range files {
		if err := w.stage(f); err != nil {
			return fmt.Errorf("%w; nothing has been changed", err)
		}
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt)
	defer signal.Stop(stop)
	for i, s := range w.staged {
		if err := os.Rename(s.temp, s.name); err != nil {
			return errors.Join(fmt.Errorf("replacing %s: %w", s.name, err), w.undo(i))
		}
	}
	return nil
}

// A stagedFile is a new text, ready to take its place.
type stagedFile struct {
	name, temp string
	mode       os.FileMode
}

type writer struct {
	files  []File
	staged []stagedFile
}

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
	temp, err := os.CreateTemp(filepath.Dir(name), ".gvinstrument-*")
	if err != nil {
		return fmt.Errorf("writing beside %s: %w", f.Name, err)
	}
	w.staged = append(w.staged, stagedFile{name: name, temp: temp.Name(), mode: info.Mode().Perm()})
	_, err = temp.Write(f.New)
	err = errors.Join(err, temp.Chmod(info.Mode().Perm()), temp.Close())
	if err != nil {
		return fmt.Errorf("writing beside %s: %w", f.Name, err)
	}
	return nil
}

// undo puts the first n files back.
func (w *writer) undo(n int) error {
	var errs []error
	for i := range n {
		errs = append(errs, os.WriteFile(w.staged[i].name, w.files[i].Old, w.staged[i].mode))
	}
	return errors.Join(errs...)
}

// clean removes the staged files that took nobody's place.
func (w *writer) clean() {
	for _, s := range w.staged {
		os.Remove(s.temp) // gone already if all went well
	}
}
