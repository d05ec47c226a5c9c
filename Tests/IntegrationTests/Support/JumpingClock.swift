import Foundation

/// A time of day that a test makes jump for one program: a library adds seconds to CLOCK_REALTIME, and to nothing else.
/// (libfaketime also takes over waiting, with which Swift programs do not start.)
struct JumpingClock {
    private let library: PreloadedLibrary
    private let offset: ClockOffset

    init(in directory: URL) throws {
        offset = try ClockOffset(in: directory)
        library = try PreloadedLibrary("clock", source: ClockOffset.source + Self.source, in: directory)
    }

    /// What to start the program with.
    var launcher: [String] { library.launcher(environment: offset.environment) }

    func jump(seconds: Int) throws { try offset.set(seconds: seconds) }

    private static let source = """
        #include <sys/time.h>
        #include <time.h>

        int clock_gettime(clockid_t clock, struct timespec *now) {
            int status = (int)syscall(SYS_clock_gettime, clock, now);
            if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) now->tv_sec += clock_offset();
            return status;
        }

        int gettimeofday(struct timeval *restrict now, void *restrict zone) {
            struct timespec precise;
            clock_gettime(CLOCK_REALTIME, &precise);
            *now = (struct timeval){precise.tv_sec, precise.tv_nsec / 1000};
            return 0;
        }

        time_t time(time_t *result) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            return result ? *result = now.tv_sec : now.tv_sec;
        }

        """
}
