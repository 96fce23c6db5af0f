package gv

func F() {}
