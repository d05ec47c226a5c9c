#define _GNU_SOURCE
#include "CSluiceLinux.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
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
