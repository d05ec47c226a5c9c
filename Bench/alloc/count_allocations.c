/*
 * Counts the allocator calls of a process: a library for LD_PRELOAD.
 *
 * It defines malloc and its relatives in front of glibc's, counts, and calls glibc's. The counters live in the file
 * that ALLOCATION_COUNTERS names, mapped shared, so that another process reads them while this one runs, without
 * stopping it.
 *
 * glibc's own functions are reached by their second names (__libc_malloc and so on) instead of dlsym(RTLD_NEXT): dlsym
 * may allocate itself, and would then need a second, temporary allocator to stand on.
 *
 * Not counted: valloc and pvalloc, which nothing uses any more, and memory that a program maps by itself.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

/* The layout of the file; counters.py reads it. */
struct counters {
    _Atomic uint64_t allocated;      /* blocks that came into being */
    _Atomic uint64_t resized;        /* calls of realloc on a living block */
    _Atomic uint64_t freed;          /* blocks that ended */
    _Atomic uint64_t requested;      /* bytes asked for by the calls behind allocated and resized */
};

/* What is counted before the constructor has run; it is carried over into the file. */
static struct counters early;
static struct counters *counters = &early;

static void increment(_Atomic uint64_t *counter, uint64_t amount) {
    atomic_fetch_add_explicit(counter, amount, memory_order_relaxed);
}

static void *count_allocated(void *block, size_t bytes) {
    if (block != NULL) {
        increment(&counters->allocated, 1);
        increment(&counters->requested, bytes);
    }
    return block;
}

/* Without its counters a measurement would read zeros, and zeros pass every gate. */
static void give_up(const char *what, const char *path) {
    fprintf(stderr, "count_allocations: %s %s: %s\n", what, path, strerror(errno));
    _exit(127);
}

__attribute__((constructor)) static void map_counters(void) {
    const char *path = getenv("ALLOCATION_COUNTERS");
    if (path == NULL) {
        return;
    }
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) {
        give_up("cannot open", path);
    }
    if (lseek(file, 0, SEEK_END) < (off_t)sizeof(struct counters)) {
        errno = EINVAL;
        give_up("too small:", path);
    }
    struct counters *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (shared == MAP_FAILED) {
        give_up("cannot map", path);
    }
    close(file);
    increment(&shared->allocated, early.allocated);
    increment(&shared->resized, early.resized);
    increment(&shared->freed, early.freed);
    increment(&shared->requested, early.requested);
    counters = shared;
}

void *malloc(size_t size) {
    return count_allocated(__libc_malloc(size), size);
}

void *calloc(size_t count, size_t size) {
    return count_allocated(__libc_calloc(count, size), count * size);
}

void *realloc(void *block, size_t size) {
    if (block == NULL) {
        return malloc(size);
    }
    if (size == 0) {
        free(block);
        return NULL;
    }
    void *moved = __libc_realloc(block, size);
    if (moved != NULL) {
        increment(&counters->resized, 1);
        increment(&counters->requested, size);
    }
    return moved;
}

/* memalign, aligned_alloc and posix_memalign differ in what they refuse; glibc's memalign is behind all three. */

void *memalign(size_t alignment, size_t size) {
    return count_allocated(__libc_memalign(alignment, size), size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    return memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) {
        return EINVAL;
    }
    void *block = memalign(alignment, size);
    if (block == NULL) {
        return ENOMEM;
    }
    *result = block;
    return 0;
}

void free(void *block) {
    if (block != NULL) {
        increment(&counters->freed, 1);
        __libc_free(block);
    }
}
