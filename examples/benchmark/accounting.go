package main

import gv "github.com/gvthread/gvthread/runtime"

// accounted are the hot paths that are measured with Config.Accounting, and without: those
// on which threads become ready, and workers change hands.
var accounted = []string{"yield", "handover", "do"}

// withAccounting ends what their rows say of themselves.
const withAccounting = ", with Config.Accounting, and without"

// accountingRows are about what Config.Accounting costs. Both sides are threads, the second
// without it.
func accountingRows() []row {
	var rows []row
	for _, name := range accounted {
		p := pathNamed(name)
		rows = append(rows, row{
			name: "accounting_" + name, about: p.About + withAccounting, unit: "ns/op", more: priceMore,
			threads:    pathOfThreads(p, 1, gv.Config{Workers: 1, Accounting: true}),
			goroutines: pathOfThreads(p, 1, gv.Config{Workers: 1}),
		})
	}
	return rows
}
