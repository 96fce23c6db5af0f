package arch

//go:generate go run ./gen
