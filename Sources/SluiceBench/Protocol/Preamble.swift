// The first bytes of every connection of the bench, in both directions: who is there, and what for. They have a fixed
// length and a version, so that any two releases can tell each other apart.

/// 32 bytes: magic (8), version (2), kind (1), status (1), lane (4), token (16). Numbers in network byte order.
struct Preamble: Equatable, Sendable {
    static let byteCount = 32
    /// Raised when an older peer would misunderstand a newer one.
    static let currentVersion: UInt16 = 1
    private static let magic = Array("SLUICEBN".utf8)

    enum Kind: UInt8, Sendable {
        /// The connection that a run is arranged on.
        case control = 1
        /// A data connection of the run that the token names.
        case data = 2
        /// A connection that a `connect` run counts: the server answers and closes.
        case connect = 3
    }

    /// A server's answer. A client sends `ok`.
    enum Status: UInt8, Sendable {
        case ok = 0
        case busy = 1
        case versionMismatch = 2
        /// No such run, or no such lane in it.
        case unknownToken = 3
    }

    var version = Preamble.currentVersion
    var kind: Kind
    var status = Status.ok
    /// The number of a data connection in its plan.
    var lane: UInt32 = 0
    var token = SessionToken.none

    var bytes: [UInt8] {
        Self.magic + Self.bigEndian(version) + [kind.rawValue, status.rawValue] + Self.bigEndian(lane)
            + token.bytes
    }

    init(kind: Kind, status: Status = .ok, lane: UInt32 = 0, token: SessionToken = .none) {
        self.kind = kind
        self.status = status
        self.lane = lane
        self.token = token
    }

    /// Reads 32 bytes. `nil` when they are no preamble of any version.
    ///
    /// Of another version's, only the magic and the version are trusted: the rest is as if it were empty.
    init?(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count == Self.byteCount, bytes.starts(with: Self.magic) else { return nil }
        let version = UInt16(bytes[8]) << 8 | UInt16(bytes[9])
        guard version == Self.currentVersion else {
            self.init(kind: .control, status: .versionMismatch)
            self.version = version
            return
        }
        guard let kind = Kind(rawValue: bytes[10]), let status = Status(rawValue: bytes[11]) else {
            return nil
        }
        let lane = bytes[12..<16].reduce(0) { $0 << 8 | UInt32($1) }
        self.init(kind: kind, status: status, lane: lane, token: SessionToken(bytes[16...]))
    }

    /// Whether so many first bytes can still become a preamble.
    static func canStart(with bytes: some Collection<UInt8>) -> Bool {
        bytes.prefix(magic.count).elementsEqual(magic.prefix(bytes.count))
    }

    private static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}

/// Names a run, so that its data connections find it: 16 random bytes that only its client has been told.
struct SessionToken: Hashable, Sendable {
    let bytes: [UInt8]
    static let none = SessionToken([UInt8](repeating: 0, count: 16))

    /// Takes the first 16 bytes; missing ones are zero.
    init(_ bytes: some Sequence<UInt8>) {
        let kept = Array(bytes.prefix(16))
        self.bytes = kept + [UInt8](repeating: 0, count: 16 - kept.count)
    }

    static func random() -> SessionToken {
        var generator = SystemRandomNumberGenerator()
        return SessionToken((0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }
}
