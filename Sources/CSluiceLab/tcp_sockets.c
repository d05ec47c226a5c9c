#include "CSluiceLab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

static int ask(int netlink, int family) {
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 question;
    } request = {
        .header = {
            .nlmsg_len = sizeof request,
            .nlmsg_type = SOCK_DIAG_BY_FAMILY,
            .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
        },
        .question = {
            .sdiag_family = (uint8_t)family,
            .sdiag_protocol = IPPROTO_TCP,
            .idiag_ext = 1 << (INET_DIAG_SKMEMINFO - 1),
            .idiag_states = ~0u,
        },
    };
    return send(netlink, &request, sizeof request, 0) < 0 ? -errno : 0;
}

// What is reserved for more (fwd_alloc) is read without a lock, and is less than nothing for a moment now and then.
uint64_t csluicelab_socket_memory(const uint32_t counters[]) {
    int32_t reserved = (int32_t)counters[SK_MEMINFO_FWD_ALLOC];
    return (uint64_t)counters[SK_MEMINFO_RMEM_ALLOC] + counters[SK_MEMINFO_WMEM_QUEUED] +
           (uint64_t)(reserved > 0 ? reserved : 0) + counters[SK_MEMINFO_OPTMEM] + counters[SK_MEMINFO_BACKLOG];
}

static uint64_t memory_of(const struct nlmsghdr *message) {
    const struct inet_diag_msg *socket = NLMSG_DATA(message);
    const struct rtattr *attribute = (const struct rtattr *)(socket + 1);
    int left = (int)(message->nlmsg_len - NLMSG_LENGTH(sizeof *socket));
    for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
        if (attribute->rta_type != INET_DIAG_SKMEMINFO) continue;
        uint32_t counters[SK_MEMINFO_BACKLOG + 1];
        if (RTA_PAYLOAD(attribute) < sizeof counters) return 0;
        memcpy(counters, RTA_DATA(attribute), sizeof counters);
        return csluicelab_socket_memory(counters);
    }
    return 0;
}

int csluicelab_tcp_sockets(int netlink, int family, struct csluicelab_tcp_socket *sockets, int capacity) {
    int status = ask(netlink, family);
    if (status < 0) return status;
    int count = 0;
    _Alignas(struct nlmsghdr) char buffer[32768];
    for (;;) {
        ssize_t received = recv(netlink, buffer, sizeof buffer, 0);
        if (received < 0 && errno == EINTR) continue;
        if (received < 0) return -errno;
        ssize_t left = received;
        const struct nlmsghdr *message = (const struct nlmsghdr *)buffer;
        for (; NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
            if (message->nlmsg_type == NLMSG_DONE) return count;
            if (message->nlmsg_type == NLMSG_ERROR) {
                return ((const struct nlmsgerr *)NLMSG_DATA(message))->error;
            }
            if (count < capacity) {
                const struct inet_diag_msg *socket = NLMSG_DATA(message);
                sockets[count] = (struct csluicelab_tcp_socket){
                    .local_port = ntohs(socket->id.idiag_sport),
                    .remote_port = ntohs(socket->id.idiag_dport),
                    .memory = memory_of(message),
                };
            }
            count++;
        }
    }
}
