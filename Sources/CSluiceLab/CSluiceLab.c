#define _GNU_SOURCE
#include "CSluiceLab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/route.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// --- A child that does one thing in other namespaces and hands a descriptor back ---

// Sends `descriptor`, or the error code when it is negative.
static void hand_back(int channel, int descriptor) {
    int code = descriptor < 0 ? descriptor : 0;
    struct iovec body = {.iov_base = &code, .iov_len = sizeof code};
    char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
    memset(control, 0, sizeof control);
    struct msghdr message = {.msg_iov = &body, .msg_iovlen = 1};
    if (descriptor >= 0) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    }
    while (sendmsg(channel, &message, MSG_NOSIGNAL) < 0 && errno == EINTR) {
    }
}

static int receive_back(int channel) {
    int code = -EPIPE;
    struct iovec body = {.iov_base = &code, .iov_len = sizeof code};
    char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
    struct msghdr message = {
        .msg_iov = &body, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t length;
    do {
        length = recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
    } while (length < 0 && errno == EINTR);
    if (length < 0) return -errno;
    if (length == 0) return -EPIPE;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (code < 0) return code;
    if (header == NULL || header->cmsg_type != SCM_RIGHTS) return -EPROTO;
    int descriptor;
    memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
    return descriptor;
}

static int enter(struct csluicelab_namespaces in) {
    if (in.user >= 0 && setns(in.user, CLONE_NEWUSER) != 0) return -errno;
    if (in.network >= 0 && setns(in.network, CLONE_NEWNET) != 0) return -errno;
    return 0;
}

// What the child is asked for: one of these returns a descriptor or -errno.
struct request {
    int (*perform)(const struct request *);
    struct csluicelab_namespaces in;
    const char *path;
    int flags;
    int domain, type, protocol;
    uid_t uid;
    gid_t gid;
};

// Signals stay blocked from before the fork until the child has no handlers of ours any more.
static int run_in_child(const struct request *request) {
    int channel[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) != 0) return -errno;
    sigset_t all, previous;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &previous);
    pid_t child = fork();
    if (child == 0) {
        int result = enter(request->in);
        hand_back(channel[1], result < 0 ? result : request->perform(request));
        _exit(0);
    }
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &previous, NULL);
    close(channel[1]);
    int result = -error;
    if (child > 0) {
        result = receive_back(channel[0]);
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    close(channel[0]);
    return result;
}

static int open_or_error(const char *path, int flags) {
    int descriptor = open(path, flags | O_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

static int write_text(const char *path, const char *text) {
    int descriptor = open_or_error(path, O_WRONLY);
    if (descriptor < 0) return descriptor;
    ssize_t written = write(descriptor, text, strlen(text));
    int result = written < 0 ? -errno : 0;
    close(descriptor);
    return result;
}

// The map can hold one line only, our own user: that is all that the kernel allows without privilege. setgroups(2) has to
// be given up before gid_map can be written (user_namespaces(7)).
static int perform_new_user_namespace(const struct request *request) {
    if (unshare(CLONE_NEWUSER) != 0) return -errno;
    char map[32];
    int result = write_text("/proc/self/setgroups", "deny");
    if (result < 0) return result;
    snprintf(map, sizeof map, "0 %u 1", (unsigned)request->uid);
    if ((result = write_text("/proc/self/uid_map", map)) < 0) return result;
    snprintf(map, sizeof map, "0 %u 1", (unsigned)request->gid);
    if ((result = write_text("/proc/self/gid_map", map)) < 0) return result;
    return open_or_error("/proc/self/ns/user", O_RDONLY);
}

static int perform_new_network_namespace(const struct request *request) {
    (void)request;
    if (unshare(CLONE_NEWNET) != 0) return -errno;
    return open_or_error("/proc/self/ns/net", O_RDONLY);
}

static int perform_open(const struct request *request) { return open_or_error(request->path, request->flags); }

static int perform_socket(const struct request *request) {
    int descriptor = socket(request->domain, request->type | SOCK_CLOEXEC, request->protocol);
    return descriptor < 0 ? -errno : descriptor;
}

int csluicelab_new_user_namespace(void) {
    struct request request = {
        .perform = perform_new_user_namespace, .in = {-1, -1}, .uid = geteuid(), .gid = getegid()};
    return run_in_child(&request);
}

int csluicelab_new_network_namespace(int user) {
    struct request request = {.perform = perform_new_network_namespace, .in = {user, -1}};
    return run_in_child(&request);
}

int csluicelab_open(struct csluicelab_namespaces in, const char *path, int flags) {
    struct request request = {.perform = perform_open, .in = in, .path = path, .flags = flags};
    return run_in_child(&request);
}

int csluicelab_socket(struct csluicelab_namespaces in, int domain, int type, int protocol) {
    struct request request = {
        .perform = perform_socket, .in = in, .domain = domain, .type = type, .protocol = protocol};
    return run_in_child(&request);
}

// --- Programs ---

static void become(struct csluicelab_namespaces in, const struct csluicelab_command *command, pid_t parent) {
    int result = enter(in);
    if (result < 0) {
        errno = -result;
        return;
    }
    setpgid(0, 0);
    // The parent may have died before the next line took effect.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) return;
    int from[3] = {command->input, command->output, command->error};
    for (int to = 0; to < 3; to++) {
        if (from[to] == to) {
            fcntl(to, F_SETFD, 0);
        } else if (dup2(from[to], to) < 0) {
            return;
        }
    }
    // A background group that asks for the terminal is stopped by SIGTTOU, which is still blocked here.
    if (command->foreground) tcsetpgrp(STDIN_FILENO, getpid());
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(command->path, command->arguments, command->environment);
}

int csluicelab_spawn(struct csluicelab_namespaces in, struct csluicelab_command command) {
    // Closed by a successful exec; otherwise it carries the error.
    int failure[2];
    if (pipe2(failure, O_CLOEXEC) != 0) return -errno;
    pid_t parent = getpid();
    sigset_t all, previous;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &previous);
    pid_t child = fork();
    if (child == 0) {
        become(in, &command, parent);
        int error = errno;
        ssize_t ignored = write(failure[1], &error, sizeof error);
        (void)ignored;
        _exit(127);
    }
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &previous, NULL);
    close(failure[1]);
    if (child < 0) {
        close(failure[0]);
        return -error;
    }
    ssize_t length;
    do {
        length = read(failure[0], &error, sizeof error);
    } while (length < 0 && errno == EINTR);
    close(failure[0]);
    if (length == 0) return child;
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
    return -error;
}

int csluicelab_pidfd(int pid) {
    int descriptor = (int)syscall(SYS_pidfd_open, pid, 0);
    return descriptor < 0 ? -errno : descriptor;
}

// --- Devices ---

static struct ifreq request_for(const char *name) {
    struct ifreq request;
    memset(&request, 0, sizeof request);
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    return request;
}

static struct sockaddr internet_address(uint32_t address) {
    struct sockaddr_in internet = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
    struct sockaddr generic;
    memcpy(&generic, &internet, sizeof generic);
    return generic;
}

static int control(int descriptor, unsigned long request, void *argument) {
    return ioctl(descriptor, request, argument) < 0 ? -errno : 0;
}

int csluicelab_tun_attach(int tun, const char *name) {
    struct ifreq request = request_for(name);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    return control(tun, TUNSETIFF, &request);
}

int csluicelab_set_address(int socket, const char *name, uint32_t address, uint32_t netmask) {
    struct ifreq request = request_for(name);
    request.ifr_addr = internet_address(address);
    int result = control(socket, SIOCSIFADDR, &request);
    if (result < 0) return result;
    request.ifr_netmask = internet_address(netmask);
    return control(socket, SIOCSIFNETMASK, &request);
}

int csluicelab_set_mtu(int socket, const char *name, int mtu) {
    struct ifreq request = request_for(name);
    request.ifr_mtu = mtu;
    return control(socket, SIOCSIFMTU, &request);
}

int csluicelab_set_queue_length(int socket, int netlink, const char *name, int packets) {
    struct ifreq named = request_for(name);
    int result = control(socket, SIOCGIFINDEX, &named);
    if (result < 0) return result;
    struct {
        struct nlmsghdr header;
        struct ifinfomsg link;
        struct rtattr attribute;
        uint32_t packets;
    } request = {
        .header = {.nlmsg_len = sizeof request, .nlmsg_type = RTM_NEWLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
        .link = {.ifi_family = AF_UNSPEC, .ifi_index = named.ifr_ifindex},
        .attribute = {.rta_len = RTA_LENGTH(sizeof(uint32_t)), .rta_type = IFLA_TXQLEN},
        .packets = (uint32_t)packets,
    };
    if (send(netlink, &request, sizeof request, 0) < 0) return -errno;
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        char rest[256];
    } answer;
    ssize_t length = recv(netlink, &answer, sizeof answer, 0);
    if (length < 0) return -errno;
    if ((size_t)length < NLMSG_LENGTH(sizeof(int)) || answer.header.nlmsg_type != NLMSG_ERROR) return -EPROTO;
    return answer.error.error;
}

int csluicelab_set_up(int socket, const char *name) {
    struct ifreq request = request_for(name);
    int result = control(socket, SIOCGIFFLAGS, &request);
    if (result < 0) return result;
    request.ifr_flags |= IFF_UP | IFF_RUNNING;
    return control(socket, SIOCSIFFLAGS, &request);
}

int csluicelab_add_route(int socket, const char *name, uint32_t destination, uint32_t netmask) {
    struct rtentry route;
    memset(&route, 0, sizeof route);
    route.rt_dst = internet_address(destination);
    route.rt_genmask = internet_address(netmask);
    route.rt_flags = RTF_UP;
    route.rt_dev = (char *)name;
    return control(socket, SIOCADDRT, &route);
}

// --- Time ---

int csluicelab_be_punctual(void) {
    prctl(PR_SET_TIMERSLACK, 1);
    struct sched_param lowest = {.sched_priority = 1};
    // A program that the thread might start later is to be an ordinary one.
    return sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &lowest) == 0;
}

int csluicelab_wait(int first, int second, int third, int64_t nanoseconds) {
    struct pollfd descriptors[3] = {
        {.fd = first, .events = POLLIN}, {.fd = second, .events = POLLIN}, {.fd = third, .events = POLLIN}};
    struct timespec timeout = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    int count = ppoll(descriptors, 3, nanoseconds < 0 ? NULL : &timeout, NULL);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    int ready = 0;
    for (int index = 0; index < 3; index++) {
        if (descriptors[index].revents != 0) ready |= 1 << index;
    }
    return ready;
}

int csluicelab_sleep(int64_t time) {
    struct timespec until = {.tv_sec = time / 1000000000, .tv_nsec = time % 1000000000};
    int error = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    return error == EINTR ? 0 : -error;
}

int csluicelab_event(void) {
    int descriptor = eventfd(0, EFD_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

void csluicelab_event_set(int event) { eventfd_write(event, 1); }
