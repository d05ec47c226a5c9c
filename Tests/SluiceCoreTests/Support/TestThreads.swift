import Glibc

/// Threads of a test, started at once and joined at its end.
///
/// Plain pthreads: the thread sanitizer sees how they are made and joined.
struct TestThreads {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private var threads: [pthread_t] = []

    /// Runs `body` on `count` threads, each with its number from 0.
    init(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        for index in 0..<count {
            var thread = pthread_t()
            let context = Unmanaged.passRetained(Body { body(index) }).toOpaque()
            let status = pthread_create(
                &thread,
                nil,
                { context in
                    Unmanaged<Body>.fromOpaque(context!).takeRetainedValue().run()
                    return nil
                },
                context
            )
            precondition(status == 0, "pthread_create: \(status)")
            threads.append(thread)
        }
    }

    func join() {
        for thread in threads { pthread_join(thread, nil) }
    }
}
