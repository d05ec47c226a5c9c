import CLibuv

/// Calls something once an iteration of a loop, just before it waits for events (a `uv_prepare_t`).
///
/// Lifetime: libuv keeps the object from `init` until the callback of `close`. Thread: its loop's.
final class TurnHook {
    private let prepare: UnsafeMutablePointer<uv_prepare_t>
    private let action: () -> Void

    init(loop: EventLoop, action: @escaping () -> Void) {
        self.action = action
        prepare = .allocate(capacity: 1)
        uvMust(uv_prepare_init(loop.uv, prepare), "uv_prepare_init")
        prepare.pointee.data = Unmanaged.passRetained(self).toOpaque()
        let status = uv_prepare_start(prepare) { prepare in
            Unmanaged<TurnHook>.fromOpaque(prepare!.pointee.data).takeUnretainedValue().action()
        }
        uvMust(status, "uv_prepare_start")
    }

    func close() {
        let handle = UnsafeMutableRawPointer(prepare).assumingMemoryBound(to: uv_handle_t.self)
        uv_close(handle) { handle in
            Unmanaged<TurnHook>.fromOpaque(handle!.pointee.data).release()
            UnsafeMutableRawPointer(handle!).assumingMemoryBound(to: uv_prepare_t.self).deallocate()
        }
    }
}
