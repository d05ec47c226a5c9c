import Glibc

/// A thread of its own, for work that blocks or must be on time: Swift's tasks promise neither.
final class JoinedThread: @unchecked Sendable {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private var thread = pthread_t()

    init(_ body: @escaping @Sendable () -> Void) {
        let context = Unmanaged.passRetained(Body(body)).toOpaque()
        let status = pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            context
        )
        precondition(status == 0, "pthread_create: \(String(cString: strerror(status)))")
    }

    /// What it has cost so far, in user and kernel space. Not to be asked once it is joined.
    var cpuNanoseconds: Int {
        var clock = clockid_t()
        var time = timespec()
        guard pthread_getcpuclockid(thread, &clock) == 0, clock_gettime(clock, &time) == 0 else { return 0 }
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// Waits for its end. Called exactly once, by whoever told it to stop.
    func join() {
        pthread_join(thread, nil)
    }
}

/// CLOCK_MONOTONIC in nanoseconds: the time line of the emulator.
func monotonicNanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
