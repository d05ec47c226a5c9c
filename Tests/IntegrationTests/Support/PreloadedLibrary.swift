import Foundation
import Testing

/// A C library that a program loads before all others, whose functions take the place of theirs (ld.so(8), LD_PRELOAD).
///
/// Its functions make system calls instead of calling the C library, whose functions sanitizers take over.
struct PreloadedLibrary {
    private let path: String

    init(_ name: String, source: String, in directory: URL) throws {
        path = directory.appendingPathComponent("\(name).so").path
        let source = try directory.write(source, to: "\(name).c")
        try succeed(Tool.gcc.require(), ["-shared", "-fPIC", "-o", path, source])
    }

    /// What to start the program with.
    func launcher(environment: [String: String]) -> [String] {
        ["/usr/bin/env", "LD_PRELOAD=\(path)"] + environment.map { "\($0)=\($1)" }
    }
}

/// Seconds in a file, which a program that was started reads again and again.
struct ClockOffset {
    private let directory: URL
    let path: String

    init(in directory: URL) throws {
        self.directory = directory
        path = try directory.write("0\n", to: "offset")
    }

    func set(seconds: Int) throws { try directory.write("\(seconds)\n", to: "offset") }

    /// The environment of a program whose library has `source`.
    var environment: [String: String] { ["CLOCK_OFFSET_FILE": path] }

    /// `clock_offset()`, for the C source of a library.
    static let source = """
        #include <fcntl.h>
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <unistd.h>

        static long clock_offset(void) {
            char text[32] = "";
            const char *path = getenv("CLOCK_OFFSET_FILE");
            int file = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0) : -1;
            if (file < 0) return 0;
            syscall(SYS_read, file, text, sizeof text - 1);
            syscall(SYS_close, file);
            return atol(text);
        }

        """
}
