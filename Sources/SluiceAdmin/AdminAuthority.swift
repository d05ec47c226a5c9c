import FlyingFox
import Glibc
import SluiceCore

/// Who may ask the admin server for what: a bearer token (RFC 6750), if one is set, and whether anything may be changed.
///
/// Safe from any thread. A reload reads the token again, so that it can be changed without a restart.
public final class AdminAuthority: Sendable {
    /// Whether the server does anything but answer questions.
    public let allowsWriting: Bool
    private let file: String?
    private let token: Locked<[UInt8]?>

    /// Nobody is asked for a token, and nothing can be changed.
    public static let readOnly = AdminAuthority()

    private init() {
        allowsWriting = false
        file = nil
        token = Locked(nil)
    }

    /// Reads the configured token. Throws what is wrong with its file.
    public init(_ configuration: AdminConfiguration) throws(AdminTokenError) {
        allowsWriting = configuration.allowsWriting
        file = configuration.tokenFile
        token = Locked(nil)
        try use(readToken())
    }

    /// Throws what is wrong with the file of the configured token, if there is one.
    public static func check(_ configuration: AdminConfiguration) throws(AdminTokenError) {
        if let file = configuration.tokenFile { _ = try read(file) }
    }

    /// What stands in the token's file now.
    public struct Token: Sendable {
        fileprivate let bytes: [UInt8]?
    }

    /// Reads the file. Throws what is wrong with it.
    public func readToken() throws(AdminTokenError) -> Token {
        guard let file else { return Token(bytes: nil) }
        return Token(bytes: try Self.read(file))
    }

    /// From now on clients show this one.
    public func use(_ token: Token) { self.token.withLock { $0 = token.bytes } }

    /// Whether the request carries the token, if there is one.
    func knows(_ request: HTTPRequest) -> Bool {
        guard let token = token.withLock({ $0 }) else { return true }
        guard let header = request.headers[.authorization] else { return false }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return false }
        return Self.isEqual(Array(parts[1].utf8), token)
    }

    /// Takes the same time wherever the two differ, so that the time tells nobody how much of a guess was right.
    static func isEqual(_ guess: [UInt8], _ token: [UInt8]) -> Bool {
        var difference = UInt8(guess.count == token.count ? 0 : 1)
        for (index, byte) in guess.enumerated() { difference |= byte ^ token[index % token.count] }
        return difference == 0
    }

    /// The token in a file.
    static func read(_ file: String) throws(AdminTokenError) -> [UInt8] {
        guard let stream = fopen(file, "re") else {
            throw AdminTokenError(file: file, problem: String(cString: strerror(errno)))
        }
        defer { fclose(stream) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, stream))
        while let last = bytes.last, last == 0x0a || last == 0x0d { bytes.removeLast() }
        guard (16...1024).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw AdminTokenError(
                file: file,
                problem: "a token is one line of 16 to 1024 visible ASCII characters"
            )
        }
        return bytes
    }
}

/// Why there is no token.
public struct AdminTokenError: Error, Sendable, Equatable, CustomStringConvertible {
    public let file: String
    public let problem: String
    public var description: String { "admin token \(file): \(problem)" }
}
