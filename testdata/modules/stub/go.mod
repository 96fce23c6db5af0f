module github.com/gvthread/gvthread

go 1.18
