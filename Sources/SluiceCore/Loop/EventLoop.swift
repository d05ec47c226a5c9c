import CLibuv

/// A libuv loop, and the mailbox through which other threads reach it.
///
/// Lifetime: made, run and destroyed on one thread. Thread: that one, but for `submit`, which is safe from any.
final class EventLoop {
    let uv: UnsafeMutablePointer<uv_loop_t>
    let mailbox: Mailbox
    let watchers: WatcherTable

    init() {
        uv = .allocate(capacity: 1)
        uvMust(uv_loop_init(uv), "uv_loop_init")
        mailbox = Mailbox(loop: uv)
        watchers = WatcherTable(loop: uv)
    }

    /// Milliseconds of a monotonic clock, read once an iteration of the loop.
    var now: UInt64 { uv_now(uv) }

    /// Runs until `stop`, then lets every closing handle finish, and frees the loop.
    ///
    /// Whoever stops the loop has closed its handles.
    func run() {
        uv_run(uv, UV_RUN_DEFAULT)
        mailbox.close()
        watchers.close()
        // With nothing left but closing handles, this runs their close callbacks and returns.
        uv_run(uv, UV_RUN_DEFAULT)
        let status = uv_loop_close(uv)
        precondition(status == 0, "the loop stopped with open handles")
        uv.deallocate()
    }

    /// Makes `run` return after this iteration.
    func stop() { uv_stop(uv) }
}

/// A queue of closures for one loop's thread.
///
/// Lifetime: its `uv_async_t` lives until the loop has run the close callback; what is submitted after `close` is dropped.
final class Mailbox: @unchecked Sendable {
    private struct State {
        var letters: [@Sendable () -> Void] = []
        var isOpen = true
    }
    private let state = Locked(State())
    private let async: UnsafeMutablePointer<uv_async_t>

    fileprivate init(loop: UnsafeMutablePointer<uv_loop_t>) {
        async = .allocate(capacity: 1)
        let status = uv_async_init(loop, async) { handle in
            Unmanaged<Mailbox>.fromOpaque(handle!.pointee.data).takeUnretainedValue().deliver()
        }
        uvMust(status, "uv_async_init")
        async.pointee.data = Unmanaged.passRetained(self).toOpaque()
    }

    /// Runs `letter` on the loop's thread, soon. Returns false, and drops it, when the loop is gone.
    @discardableResult
    func submit(_ letter: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            guard state.isOpen else { return false }
            state.letters.append(letter)
            // Under the lock: the handle must not be closed between the check and the call.
            uv_async_send(async)
            return true
        }
    }

    private func deliver() {
        let letters = state.withLock { state in
            defer { state.letters.removeAll(keepingCapacity: true) }
            return state.letters
        }
        for letter in letters { letter() }
    }

    /// Loop thread only.
    fileprivate func close() {
        state.withLock { $0.isOpen = false }
        deliver()
        let handle = UnsafeMutableRawPointer(async).assumingMemoryBound(to: uv_handle_t.self)
        uv_close(handle) { handle in
            Unmanaged<Mailbox>.fromOpaque(handle!.pointee.data).release()
            UnsafeMutableRawPointer(handle!).assumingMemoryBound(to: uv_async_t.self).deallocate()
        }
    }
}
