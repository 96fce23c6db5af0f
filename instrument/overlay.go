package instrument

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Overlay writes the new text of files into dir, and returns the JSON that go
// build -overlay reads.
//
// A text's name is its hash, so texts that exist already are left as they are,
// and the go command's cache knows them.
func Overlay(files []File, dir string) ([]byte, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("making the overlay: %w", err)
	}
	if _, err := Clean([]string{dir}); err != nil {
		return nil, fmt.Errorf("making the overlay: %w", err)
	}
	var overlay struct{ Replace map[string]string }
	overlay.Replace = map[string]string{}
	for _, f := range files {
		name, err := keep(dir, f.New)
		if err != nil {
			return nil, fmt.Errorf("making the overlay: %w", err)
		}
		overlay.Replace[f.Name] = name
	}
	return json.MarshalIndent(overlay, "", "\t")
}

// keep writes a text into dir under the name that it has there, and returns that.
func keep(dir string, text []byte) (string, error) {
	sum := sha256.Sum256(text)
	name := filepath.Join(dir, hex.EncodeToString(sum[:16])+".go")
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return name, writeNew(name, text)
	}
	return name, nil
}

// writeNew writes a file so that nobody ever sees a part of it.
func writeNew(name string, text []byte) error {
	temp, remove, err := Temp(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer remove()
	_, err = temp.Write(text)
	err = errors.Join(err, temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), name)
	}
	return err
}
