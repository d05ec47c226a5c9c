/// Why the admin server does not listen.
public struct AdminServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The address as the operator wrote it.
    public let address: String
    public let problem: String

    public var description: String { "admin server cannot listen on \(address): \(problem)" }
}
