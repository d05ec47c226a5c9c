import Foundation
import Testing

/// A time of day that a test makes jump for one program: a library, loaded before all others, that adds seconds from a file to
/// CLOCK_REALTIME, and to nothing else. (libfaketime also takes over waiting, with which Swift programs do not start.)
struct JumpingClock {
    private let library: String
    private let offset: String
    private let directory: URL

    init(in directory: URL) throws {
        self.directory = directory
        offset = try directory.write("0\n", to: "offset")
        library = directory.appendingPathComponent("clock.so").path
        let source = try directory.write(Self.source, to: "clock.c")
        try succeed(Tool.gcc.require(), ["-shared", "-fPIC", "-o", library, source])
    }

    /// What to start the program with.
    var launcher: [String] { ["/usr/bin/env", "LD_PRELOAD=\(library)", "CLOCK_OFFSET_FILE=\(offset)"] }

    func jump(seconds: Int) throws { try directory.write("\(seconds)\n", to: "offset") }

    /// System calls instead of the C library's functions, which sanitizers take over.
    private static let source = """
        #include <fcntl.h>
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>

        static long offset(void) {
            char text[32] = "";
            const char *path = getenv("CLOCK_OFFSET_FILE");
            int file = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0) : -1;
            if (file < 0) return 0;
            syscall(SYS_read, file, text, sizeof text - 1);
            syscall(SYS_close, file);
            return atol(text);
        }

        int clock_gettime(clockid_t clock, struct timespec *now) {
            int status = (int)syscall(SYS_clock_gettime, clock, now);
            if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) now->tv_sec += offset();
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
