import Glibc

/// Writes log lines from a thread of its own, so that a slow or full disk, or a stopped reader, never stops a loop.
///
/// Lines wait in a bounded queue; when it is full they are dropped and counted. Safe from any thread.
public final class LogWriter: Sendable {
    private struct Queue {
        var lines: [String] = []
        var bytes = 0
        var dropped: UInt64 = 0
        var isWriting = false
    }

    /// What may wait to be written.
    private static let queueBytes = 4 << 20

    private let descriptor: Int32
    private let queue = Locked(Queue())
    private let wakeUp = Signal()

    /// Writes to `descriptor`, which stays the caller's. Starts its thread, which lives as long as the process.
    public init(descriptor: Int32 = STDERR_FILENO) {
        self.descriptor = descriptor
        LoopThread.start(name: "sluice-log") { [self] in
            while true {
                wakeUp.wait()
                writeOut()
            }
        }
    }

    /// Lines dropped since the start because the queue was full.
    public var dropped: UInt64 { queue.withLock { $0.dropped } }

    /// Queues one line; `line` ends without a newline.
    public func write(_ line: String) {
        let isQueued = queue.withLock { queue in
            let bytes = line.utf8.count + 1
            guard queue.bytes + bytes <= Self.queueBytes else {
                queue.dropped += 1
                return false
            }
            queue.lines.append(line)
            queue.bytes += bytes
            return true
        }
        if isQueued { wakeUp.raise() }
    }

    /// Waits until what was queued before is written, a second at most: the last words of a process.
    public func flush() {
        for _ in 0..<100 {
            if queue.withLock({ $0.lines.isEmpty && !$0.isWriting }) { return }
            usleep(10_000)
        }
    }

    private func writeOut() {
        let lines = queue.withLock { queue in
            defer {
                queue.lines.removeAll(keepingCapacity: true)
                queue.bytes = 0
                queue.isWriting = true
            }
            return queue.lines
        }
        if !lines.isEmpty { writeAll(lines.joined(separator: "\n") + "\n") }
        queue.withLock { $0.isWriting = false }
    }

    private func writeAll(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                if errno == EINTR { continue }
                // A full disk or a closed pipe: these lines are lost, the process goes on.
                let lost = rest.count { $0 == UInt8(ascii: "\n") }
                queue.withLock { $0.dropped += UInt64(lost) }
                return
            }
            rest = rest.dropFirst(written)
        }
    }
}

/// Wakes one waiting thread; raising it twice before it is seen counts once.
private final class Signal: @unchecked Sendable {
    private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func raise() {
        var value: Int32 = 0
        sem_getvalue(semaphore, &value)
        if value <= 0 { sem_post(semaphore) }
    }

    func wait() {
        while sem_wait(semaphore) != 0, errno == EINTR {}
    }
}
