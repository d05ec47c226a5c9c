#define _GNU_SOURCE
#include "CSluiceLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <linux/sockios.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

int csluice_get_tcp_info(int descriptor, struct csluice_tcp_info *info) {
    memset(info, 0, sizeof *info);
    socklen_t length = sizeof *info;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, info, &length) != 0) {
        return -errno;
    }
    return (int)length;
}

int csluice_accept(int listener, struct sockaddr *address, socklen_t *length) {
    return accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int csluice_output_queue(int descriptor) {
    int bytes = 0;
    return ioctl(descriptor, SIOCOUTQ, &bytes) == 0 ? bytes : -1;
}

void csluice_set_timer_slack(unsigned long nanoseconds) {
    prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0);
}

void csluice_name_thread(pthread_t thread, const char *name) {
    char kept[16] = {0};
    strncpy(kept, name, sizeof kept - 1);
    pthread_setname_np(thread, kept);
}

// Async-signal-safe, unlike snprintf: between fork and exec nothing else may be called.
static void write_decimal(char *end, int width, long value) {
    for (int i = 0; i < width; i++) {
        *--end = (char)('0' + value % 10);
        value /= 10;
    }
}

pid_t csluice_spawn_successor(
    char *const argv[], char *const envp[], char *listen_pid, int listen_pid_width, const int *descriptors, int count
) {
    pid_t child = fork();
    if (child != 0) {
        return child;
    }
    // A signal that comes before the new program listens to it must wait, not be lost in a blocked mask for ever.
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    write_decimal(listen_pid + listen_pid_width, listen_pid_width, getpid());
    const int first = 3;
    // Out of the way first: a descriptor may stand where another one goes.
    int moved[count > 0 ? count : 1];
    for (int i = 0; i < count; i++) {
        moved[i] = fcntl(descriptors[i], F_DUPFD, first + count);
        if (moved[i] < 0) {
            _exit(71);
        }
    }
    for (int i = 0; i < count; i++) {
        if (dup2(moved[i], first + i) < 0) {
            _exit(71);
        }
    }
    // Libraries do not mark every descriptor close-on-exec.
    if (close_range((unsigned)(first + count), ~0u, 0) != 0) {
        struct rlimit limit;
        getrlimit(RLIMIT_NOFILE, &limit);
        for (int descriptor = first + count; descriptor < (int)limit.rlim_cur; descriptor++) {
            close(descriptor);
        }
    }
    execvpe(argv[0], argv, envp);
    _exit(127);
}
