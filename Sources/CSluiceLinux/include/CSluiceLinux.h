// The few Linux calls that Swift cannot reach, each with its reason.
#pragma once
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

// TCP_INFO as include/uapi/linux/tcp.h has it on Linux 6.x, under a name of our own: <linux/tcp.h> clashes with
// Glibc's <netinet/tcp.h> inside a Swift module, and Debian 12's header stops at tcpi_snd_wnd. The kernel fills
// as much as it knows and returns the length: see csluice_tcp_info.
struct csluice_tcp_info {
    uint8_t state;
    uint8_t ca_state;
    uint8_t retransmits;
    uint8_t probes;
    uint8_t backoff;
    uint8_t options;
    uint8_t wscale;             // snd_wscale : 4, rcv_wscale : 4
    uint8_t app_limited_flags;  // delivery_rate_app_limited : 1, fastopen_client_fail : 2
    uint32_t rto;
    uint32_t ato;
    uint32_t snd_mss;
    uint32_t rcv_mss;
    uint32_t unacked;
    uint32_t sacked;
    uint32_t lost;
    uint32_t retrans;
    uint32_t fackets;
    uint32_t last_data_sent;
    uint32_t last_ack_sent;
    uint32_t last_data_recv;
    uint32_t last_ack_recv;
    uint32_t pmtu;
    uint32_t rcv_ssthresh;
    uint32_t rtt;
    uint32_t rttvar;
    uint32_t snd_ssthresh;
    uint32_t snd_cwnd;
    uint32_t advmss;
    uint32_t reordering;
    uint32_t rcv_rtt;
    uint32_t rcv_space;
    uint32_t total_retrans;
    uint64_t pacing_rate;
    uint64_t max_pacing_rate;
    uint64_t bytes_acked;     // 4.2
    uint64_t bytes_received;  // 4.2
    uint32_t segs_out;
    uint32_t segs_in;
    uint32_t notsent_bytes;  // 4.6
    uint32_t min_rtt;        // 4.6
    uint32_t data_segs_in;
    uint32_t data_segs_out;
    uint64_t delivery_rate;   // 4.9
    uint64_t busy_time;       // 4.10, microseconds
    uint64_t rwnd_limited;    // 4.10
    uint64_t sndbuf_limited;  // 4.10
    uint32_t delivered;
    uint32_t delivered_ce;
    uint64_t bytes_sent;     // 4.19
    uint64_t bytes_retrans;  // 4.19
    uint32_t dsack_dups;
    uint32_t reord_seen;
    uint32_t rcv_ooopack;
    uint32_t snd_wnd;  // 5.4
    uint32_t rcv_wnd;  // 6.2
    uint32_t rehash;
    uint16_t total_rto;
    uint16_t total_rto_recoveries;
    uint32_t total_rto_time;
};

// Fills *info (zeroed first) and returns how many of its bytes the kernel wrote, or -errno.
int csluice_get_tcp_info(int descriptor, struct csluice_tcp_info *info);

// accept4(2), which Glibc's module hides from Swift (it stands behind _GNU_SOURCE): a new connection, non-blocking and
// close-on-exec, or -1 with errno set.
int csluice_accept(int listener, struct sockaddr *address, socklen_t *length);

// ioctl(SIOCOUTQ): Swift cannot call a variadic function. Bytes not acknowledged by the peer, or -1 with errno set.
int csluice_output_queue(int descriptor);

// pthread_setname_np(3), hidden behind _GNU_SOURCE. Keeps the first 15 bytes.
void csluice_name_thread(pthread_t thread, const char *name);

// prctl(PR_SET_TIMERSLACK): Swift cannot call a variadic function. How late, in nanoseconds, the kernel may wake this
// thread (50 microseconds unless told otherwise, see timerslack in prctl(2)).
void csluice_set_timer_slack(unsigned long nanoseconds);

// Starts the program argv[0] (looked for as execvpe(3) does) with `descriptors` at 3, 4, ... and no other above the three
// standard streams. Writes its process identifier, in decimal with leading zeros, into the `listen_pid_width` characters at
// `listen_pid`, which lie in one of envp's strings: sd_listen_fds(3) wants it there, and only the child knows it. Fork and
// exec, because posix_spawn(3) can do neither that nor close all the rest. Returns the child, or -1 with errno set.
pid_t csluice_spawn_successor(
    char *const argv[], char *const envp[], char *listen_pid, int listen_pid_width, const int *descriptors, int count
);
