/// Why a service gave no answer, or none that can be used.
enum AnswerError: Error {
    case exchange(ExchangeError)
    /// What came is not in the protocol's form.
    case malformed(String)
    /// The service answered with an error of its own.
    case refused(String)
    /// It is still starting, and says so: worth another try.
    case notReady(String)
}

extension AnswerError: CustomStringConvertible {
    var description: String {
        switch self {
        case .exchange(.closed): "it closed the connection before its answer was complete"
        case .exchange(.timedOut): "it did not answer in time"
        case .exchange(.stopped): "the run was stopped"
        case .exchange(.failed(let error)): error.description
        case .malformed(let what): "its answer is malformed: \(what)"
        case .refused(let text): "it answered with an error: \(text)"
        case .notReady(let text): "it was not ready in time: \(text)"
        }
    }
}

/// Bytes of a peer for an error message: short, on one line, printable.
func quoted(_ bytes: some Sequence<UInt8>) -> String {
    let shown = bytes.prefix(120).map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: "?") }
    return "'\(String(decoding: shown, as: UTF8.self))'"
}
