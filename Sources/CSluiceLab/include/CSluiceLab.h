// The Linux calls of the lab that Swift cannot make: variadic ones, those behind _GNU_SOURCE, and all that has to happen
// between fork and exec. Everything here returns a value >= 0, or -errno.
//
// Namespaces belong to threads, and setns(2) into a user namespace is refused to a process with several threads. So
// nothing here changes the calling process: a short-lived child enters the namespaces, and passes what it opened back
// over a socket pair (SCM_RIGHTS). Only async-signal-safe calls are made between fork and exec.
#pragma once
#include <stdint.h>

// The namespaces that a host lives in. `user` is -1 where the caller is privileged and needs none of its own.
struct csluicelab_namespaces {
    int user;
    int network;
};

// Makes a user namespace whose root is the calling user (user_namespaces(7)); returns its descriptor.
int csluicelab_new_user_namespace(void);

// Makes a network namespace, inside `user` unless that is -1; returns its descriptor. The namespace lives while
// descriptors of it, its sockets, devices or processes are left.
int csluicelab_new_network_namespace(int user);

// open(2) inside the namespaces: for /dev/net/tun, /proc/sys/net and /proc/net, which belong to whoever opens them.
int csluicelab_open(struct csluicelab_namespaces in, const char *path, int flags);

// socket(2) inside the namespaces. The socket stays in them, wherever it is used.
int csluicelab_socket(struct csluicelab_namespaces in, int domain, int type, int protocol);

// Starts a program inside the namespaces, at the head of a process group of its own. The kernel kills it when the calling
// thread ends (PR_SET_PDEATHSIG). `input`, `output` and `error` become descriptors 0, 1 and 2. With `foreground`, its
// group becomes the foreground group of the terminal at descriptor 0. Returns its pid.
struct csluicelab_command {
    const char *path;
    char *const *arguments;
    char *const *environment;
    int input;
    int output;
    int error;
    int foreground;
};
int csluicelab_spawn(struct csluicelab_namespaces in, struct csluicelab_command command);

// Turns an opened /dev/net/tun into the device `name`: IP packets without any header in front (IFF_TUN | IFF_NO_PI).
int csluicelab_tun_attach(int tun, const char *name);

// Each acts on the namespace of `control`, a datagram socket made there. Addresses are in host byte order.
int csluicelab_set_address(int control, const char *name, uint32_t address, uint32_t netmask);
int csluicelab_set_mtu(int control, const char *name, int mtu);
int csluicelab_set_up(int control, const char *name);
int csluicelab_add_route(int control, const char *name, uint32_t destination, uint32_t netmask);

// The same by way of `netlink`, a NETLINK_ROUTE socket made in the namespace: the ioctl for it wants privilege over the
// whole machine, the message only over the namespace.
int csluicelab_set_queue_length(int control, int netlink, const char *name, int packets);

// pidfd_open(2), which Glibc has only since 2.36.
int csluicelab_pidfd(int pid);

// Lets the calling thread wake up on time: a timer slack of 1 ns, and the lowest real-time priority where it is allowed.
// Returns 1 when it is, 0 when the thread stays at normal priority.
int csluicelab_be_punctual(void);

// Waits until one of two descriptors is readable (or a third), or for `nanoseconds`; forever when they are negative.
// Returns a bit for each readable one: 1, 2, 4.
int csluicelab_wait(int first, int second, int third, int64_t nanoseconds);

// Sleeps until `time` on CLOCK_MONOTONIC, in nanoseconds; not at all when that has passed.
int csluicelab_sleep(int64_t time);

// An eventfd(2): `csluicelab_wait` sees it readable once `csluicelab_event_set` was called.
int csluicelab_event(void);
void csluicelab_event_set(int event);

// A TCP socket of a host, and the memory that the kernel holds for it.
struct csluicelab_tcp_socket {
    uint16_t local_port;
    uint16_t remote_port;
    // What has arrived, what waits to be sent or acknowledged, what is reserved for more, and the rest: in bytes.
    uint64_t memory;
};

// What the kernel holds for a socket, from the first eight counters of `INET_DIAG_SKMEMINFO` (sk_get_meminfo(), net/core/sock.c).
// wmem_alloc is left out, as the packets under way are also in wmem_queued.
uint64_t csluicelab_socket_memory(const uint32_t counters[]);

// Lists the TCP sockets of the host that the NETLINK_SOCK_DIAG socket `netlink` belongs to, for one address family. Fills
// at most `capacity` entries; returns how many there are, which may be more.
int csluicelab_tcp_sockets(int netlink, int family, struct csluicelab_tcp_socket *sockets, int capacity);
