package instrument

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Overlay is Copies, and returns the JSON that go build -overlay reads.
func Overlay(files []File, dir string) ([]byte, error) {
	var overlay struct{ Replace map[string]string }
	var err error
	if overlay.Replace, err = Copies(files, dir); err != nil {
		return nil, err
	}
	return json.MarshalIndent(overlay, "", "\t")
}

// OverlayFile is Overlay, and writes the JSON into dir as copies are written. It returns
// the file's name.
func OverlayFile(files []File, dir string) (string, error) {
	data, err := Overlay(files, dir)
	if err != nil {
		return "", err
	}
	return keep(dir, data, ".json")
}

// Copies writes the new text of files into dir, and returns the names of the copies by
// those of the originals.
//
// A copy's name is the hash of its text, so copies that exist already are left as they
// are, and the go command's cache knows them.
func Copies(files []File, dir string) (map[string]string, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("making instrumented copies: %w", err)
	}
	if _, err := Clean([]string{dir}); err != nil {
		return nil, fmt.Errorf("making instrumented copies: %w", err)
	}
	copies := map[string]string{}
	for _, f := range files {
		name, err := keep(dir, f.New, ".go")
		if err != nil {
			return nil, fmt.Errorf("making instrumented copies: %w", err)
		}
		copies[f.Name] = name
	}
	return copies, nil
}

// keep writes a text into dir under the name that it has there, and returns that.
func keep(dir string, text []byte, ext string) (string, error) {
	sum := sha256.Sum256(text)
	name := filepath.Join(dir, hex.EncodeToString(sum[:16])+ext)
	if info, err := os.Stat(name); err == nil && info.Size() == int64(len(text)) {
		return name, nil
	}
	return name, writeNew(name, text) // or again, should a crash of the system have left a part of it
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
