package main

// An action is something that a thread does. It returns an error, one that
// wraps gv.ErrCancelled, when the thread should end.
type action struct {
	name   string
	weight int // how often it is chosen, compared with others
	do     func(*actor) error
}

// actions are all that threads do.
var actions = []action{
	{"yield", 20, yield},
	{"storm", 5, storm},
	{"pingpong", 3, pingPong},
	{"sleep", 10, sleep},
	{"send", 10, send},
	{"recv", 10, recv},
	{"trysend", 5, trySend},
	{"tryrecv", 5, tryRecv},
	{"select", 10, selectSome},
	{"lock", 10, lock},
	{"cond", 5, condition},
	{"semaphore", 5, semaphore},
	{"rwlock", 5, rwlock},
	{"waitgroup", 2, waitGroup},
	{"group", 3, group},
	{"safepoints", 5, safepoints},
	{"crowd", 10, enterCrowd},

	{"spin", 5, spin},
	{"float", 5, float},
	{"hash", 5, hash},
	{"compress", 2, compress},
	{"allocate", 5, allocate},
	{"map", 5, mapWork},
	{"recurse", 5, recurse},
	{"recover", 5, panicAndRecover},

	{"gosleep", 2, goSleep},
	{"gochan", 5, goChan},
	{"gomutex", 5, goMutex},
	{"pipe", 3, pipe},
	{"syscall", 3, systemCall},
	{"block", 5, block},
	{"lockthread", 3, lockThread},
	{"iterpull", 3, iterPull},
	{"goroutine", 3, goroutine},
	{"gosched", 3, gosched},
	{"gc", 1, collect},
	{"afterfunc", 2, afterFunc},

	{"child", 5, child},
	{"orphan", 3, orphan},
	{"cancel", 2, cancelSome},
	{"priority", 5, priority},
	{"look", 3, look},
	{"do", 5, do},
}

// actionNames returns the names.
func actionNames() []string {
	var names []string
	for _, a := range actions {
		names = append(names, a.name)
	}
	return names
}
