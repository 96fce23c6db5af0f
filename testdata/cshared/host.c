//go:build ignore

// Host loads the library that is its argument and calls it: from its main
// thread, and from two others at once.
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

static int (*rounds)(int, int);

static void *call(void *failed) {
	for (int i = 0; i < 3; i++) {
		int n = rounds(20, 50);
		if (n != 20 * 50) {
			fprintf(stderr, "20 threads took %d turns, not %d\n", n, 20 * 50);
			*(int *)failed = 1;
		}
	}
	return NULL;
}

int main(int argc, char **argv) {
	void *lib = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
	if (lib == NULL || (rounds = (int (*)(int, int))dlsym(lib, "Rounds")) == NULL) {
		fprintf(stderr, "load %s: %s\n", argv[1], dlerror());
		return 2;
	}
	int failed[3] = {0};
	pthread_t others[2];
	call(&failed[0]);
	for (int i = 0; i < 2; i++)
		if (pthread_create(&others[i], NULL, call, &failed[i + 1]) != 0) return 2;
	for (int i = 0; i < 2; i++) pthread_join(others[i], NULL);
	return failed[0] | failed[1] | failed[2];
}
