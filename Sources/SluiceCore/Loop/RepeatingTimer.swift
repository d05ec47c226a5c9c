import CLibuv

/// A timer of one loop that fires until it is closed.
///
/// Lifetime: libuv keeps the object from `init` until the callback of `close`. Thread: its loop's.
final class RepeatingTimer {
    private let timer: UnsafeMutablePointer<uv_timer_t>
    /// Forgotten when the timer is closed, so that it may refer to the timer.
    private var action: (() -> Void)?

    init(loop: EventLoop, everyMilliseconds interval: UInt64, action: @escaping () -> Void) {
        self.action = action
        timer = .allocate(capacity: 1)
        uvMust(uv_timer_init(loop.uv, timer), "uv_timer_init")
        timer.pointee.data = Unmanaged.passRetained(self).toOpaque()
        let status = uv_timer_start(
            timer,
            { timer in
                Unmanaged<RepeatingTimer>.fromOpaque(timer!.pointee.data).takeUnretainedValue().action?()
            },
            interval,
            interval
        )
        uvMust(status, "uv_timer_start")
    }

    func close() {
        action = nil
        uv_timer_stop(timer)
        let handle = UnsafeMutableRawPointer(timer).assumingMemoryBound(to: uv_handle_t.self)
        uv_close(handle) { handle in
            Unmanaged<RepeatingTimer>.fromOpaque(handle!.pointee.data).release()
            UnsafeMutableRawPointer(handle!).assumingMemoryBound(to: uv_timer_t.self).deallocate()
        }
    }
}
