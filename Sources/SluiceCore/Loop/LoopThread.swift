import CSluiceLinux
import Glibc

/// Starts a named, detached thread. Its body says when it is done; nobody joins it.
package enum LoopThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// `name` shows in `top -H` and in debuggers; the kernel keeps 15 bytes of it.
    package static func start(name: String, _ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Body(body)).toOpaque()
        let status = pthread_create(
            &thread,
            nil,
            { context in
                Unmanaged<Body>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            },
            context
        )
        precondition(status == 0, "pthread_create: \(String(cString: strerror(status)))")
        csluice_name_thread(thread, name)
        pthread_detach(thread)
    }
}
