import CLibuv

/// The poll handles of a loop, one a descriptor number, kept for the next descriptor of that number.
///
/// The kernel hands out the lowest free number, so a proxy sees the same ones again and again. A new handle for each
/// connection would cost three system calls to make (libuv tries the descriptor out) and one to close, and a trip
/// through the loop's closing queue. A stopped handle holds nothing but its number, and polls whatever has that number
/// when it is started.
///
/// Lifetime: the handles live until `close`. Thread: its loop's.
final class WatcherTable {
    private let loop: UnsafeMutablePointer<uv_loop_t>
    /// Indexed by descriptor. Most numbers of a busy process are this loop's, or will be.
    private var handles: [UnsafeMutablePointer<uv_poll_t>?] = []

    init(loop: UnsafeMutablePointer<uv_loop_t>) { self.loop = loop }

    /// The stopped handle of a non-blocking descriptor. Its user stops it before it closes the descriptor.
    func take(_ descriptor: Int32) throws(SystemError) -> UnsafeMutablePointer<uv_poll_t> {
        let index = Int(descriptor)
        if index < handles.count, let handle = handles[index] { return handle }
        let handle = UnsafeMutablePointer<uv_poll_t>.allocate(capacity: 1)
        let status = uv_poll_init(loop, handle, descriptor)
        guard status == 0 else {
            handle.deallocate()
            throw SystemError(code: -status, call: "uv_poll_init")
        }
        while handles.count <= index { handles.append(nil) }
        handles[index] = handle
        return handle
    }

    /// Closes every handle. The loop has to run once more for libuv to let go of them.
    func close() {
        for case let handle? in handles {
            uv_close(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)) { handle in
                UnsafeMutableRawPointer(handle!).assumingMemoryBound(to: uv_poll_t.self).deallocate()
            }
        }
        handles.removeAll()
    }
}
