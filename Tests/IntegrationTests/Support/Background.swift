// Tests are synchronous and block a thread each, as the peers' sockets do. What has to run beside a test gets a thread
// of its own, so that nothing ever waits for the cooperative pool.

import Foundation
import Synchronization

/// A closure on its own thread, and what became of it.
final class Background<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)

    init(_ body: @escaping @Sendable () throws -> Value) {
        let thread = Thread { [self] in
            let outcome = Result { try body() }
            result.withLock { $0 = outcome }
        }
        thread.stackSize = 512 << 10
        thread.start()
    }

    var isFinished: Bool { result.withLock { $0 != nil } }

    /// Waits for the end; rethrows what the closure threw.
    func value() throws -> Value {
        try waitFor("a background thread's end", deadline: Deadline(after: Deadline.patience * 2)) {
            result.withLock { $0 }
        }.get()
    }
}
