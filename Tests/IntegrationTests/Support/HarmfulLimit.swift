import Foundation

/// A kernel on which one actuator does harm, for one program: a socket whose TCP_NOTSENT_LOWAT is set sends slowly from then on, and
/// takes little more than it sends.
/// And a monotonic clock, as far as Sluice itself reads it, that a test makes jump: a probation takes ten minutes.
struct HarmfulLimit {
    /// Bytes per second that such a socket sends.
    static let rate = 2 << 20

    private let library: PreloadedLibrary
    private let offset: ClockOffset

    init(in directory: URL) throws {
        offset = try ClockOffset(in: directory)
        library = try PreloadedLibrary("harm", source: ClockOffset.source + Self.source, in: directory)
    }

    /// What to start the program with.
    var launcher: [String] { library.launcher(environment: offset.environment) }

    func jump(seconds: Int) throws { try offset.set(seconds: seconds) }

    /// libuv's own waiting does not go through `uv_hrtime`, so the loops do not notice.
    private static let source = """
        #include <netinet/in.h>
        #include <netinet/tcp.h>
        #include <stdint.h>
        #include <sys/socket.h>
        #include <time.h>

        int setsockopt(int socket, int level, int name, const void *value, socklen_t size) {
            if (level == IPPROTO_TCP && name == TCP_NOTSENT_LOWAT && *(const uint32_t *)value != 0) {
                uint32_t rate = \(rate), buffer = 128 << 10;
                syscall(SYS_setsockopt, socket, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof rate);
                syscall(SYS_setsockopt, socket, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
            }
            return (int)syscall(SYS_setsockopt, socket, level, name, value, size);
        }

        uint64_t uv_hrtime(void) {
            struct timespec now;
            syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
            return (uint64_t)(now.tv_sec + clock_offset()) * 1000000000u + (uint64_t)now.tv_nsec;
        }

        """
}
