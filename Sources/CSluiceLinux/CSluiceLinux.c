#define _GNU_SOURCE
#include "CSluiceLinux.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

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
