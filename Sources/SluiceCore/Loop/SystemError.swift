// The one place that turns return codes of the kernel and of libuv into Swift errors.

import CLibuv
import Glibc

/// A failed system call: which one, on what, and why.
public struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A positive `errno` value.
    public let code: Int32
    /// The call that failed, as in its manual page: `bind`.
    public let call: String
    /// What it was called on, for people: an address, a path. May be empty.
    public let subject: String

    public init(code: Int32, call: String, subject: String = "") {
        self.code = code
        self.call = call
        self.subject = subject
    }

    /// The error of the call that failed just now on this thread.
    package static func last(_ call: String, on subject: String = "") -> SystemError {
        SystemError(code: errno, call: call, subject: subject)
    }

    public var description: String {
        let reason = String(cString: strerror(code))
        return subject.isEmpty ? "\(call): \(reason)" : "\(call) \(subject): \(reason)"
    }

    /// The process or the system is out of descriptors or of memory for sockets: it passes, so back off and retry.
    var isResourceShortage: Bool {
        code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM
    }
}

/// Stops the process where libuv refuses a call that cannot fail when it is used by its contract: our own bug.
@inline(__always)
func uvMust(_ status: Int32, _ call: StaticString) {
    precondition(status >= 0, "\(call): \(String(cString: uv_strerror(status)))")
}
