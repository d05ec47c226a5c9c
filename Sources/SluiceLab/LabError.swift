import Glibc

/// Why the lab cannot do what it was asked for: one sentence that says what to do about it, where anything can be done.
public struct LabError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }

    /// A failed system call. `code` is a positive errno value.
    static func system(_ call: String, _ subject: String, _ code: Int32) -> LabError {
        LabError("\(call) \(subject): \(String(cString: strerror(code)))")
    }
}

/// Turns the C shim's negative errors into Swift's.
@discardableResult
func check(_ result: Int32, _ call: String, _ subject: String = "") throws(LabError) -> Int32 {
    guard result >= 0 else { throw LabError.system(call, subject, -result) }
    return result
}
