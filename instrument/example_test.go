package instrument_test

import (
	"fmt"
	"log"
	"os"

	"github.com/gvthread/gvthread/instrument"
)

// A driver of go/analysis analyzers that has settings of its own, and no flags, makes an
// analyzer of them.
func ExampleNewAnalyzer() {
	policy := instrument.DefaultPolicy
	policy.Name = "strict"
	analyzer, err := instrument.NewAnalyzer(policy)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(analyzer.Name, analyzer.Flags.Lookup("policy").Value)

	policy.Name = "lax"
	_, err = instrument.NewAnalyzer(policy)
	fmt.Println(err)
	// Output:
	// gvsafepoint strict
	// unknown policy "lax"; choose one of default, strict, full
}

// Copies of the files that change go wherever the go command is to find them.
func ExampleCopies() {
	dir, err := os.MkdirTemp("", "copies")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	files := []instrument.File{{Name: "/src/main.go", New: []byte("package main\n")}}
	copies, err := instrument.Copies(files, dir)
	if err != nil {
		log.Fatal(err)
	}
	text, err := os.ReadFile(copies["/src/main.go"])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s", text)
	// Output: package main
}
