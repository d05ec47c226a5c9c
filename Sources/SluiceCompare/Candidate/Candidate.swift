import SluiceConfig

/// What is compared: no proxy, Sluice with one policy, or another proxy.
public enum Candidate: Sendable, Hashable {
    /// The client connects to the origin itself.
    case direct
    case sluice(SluicePolicy)
    /// Sluice with the static setting that a sweep found to be the best for the scenario.
    case bestStatic
    case peer(Peer)

    public static let kernel = Candidate.sluice(.kernel)
    public static let adaptive = Candidate.sluice(.adaptive)

    /// Those of every comparison, in the order of tables. Peers come on top, where they are asked for.
    public static let standard: [Candidate] = [
        .direct, .kernel, .fixed("16K"), .fixed("64K"), .fixed("1M"), .bestStatic, .adaptive,
    ]

    /// For a first answer.
    public static let quick: [Candidate] = [.kernel, .fixed("64K"), .adaptive]

    private static func fixed(_ size: String) -> Candidate {
        guard let size = try? SizeText(parsing: size) else { preconditionFailure("'\(size)' is no size") }
        return .sluice(.fixed(StaticSetting(bytes: size.bytes)))
    }

    /// How it is asked for on the command line, and shown everywhere.
    public var name: String {
        switch self {
        case .direct: "direct"
        case .sluice(.kernel): "kernel"
        case .sluice(.adaptive): "adaptive"
        case .sluice(.fixed(let setting)): "static-\(setting)"
        case .bestStatic: "best-static"
        case .peer(let peer): peer.rawValue
        }
    }

    /// What it is, for a list.
    public var summary: String {
        switch self {
        case .direct: "no proxy: the client connects to the origin itself"
        case .sluice(.kernel): "Sluice, and the kernel alone sizes the sockets' buffers"
        case .sluice(.adaptive): "Sluice as it is out of the box"
        case .sluice(.fixed(let setting)): "Sluice with \(setting.summary)"
        case .bestStatic: "Sluice with the best static setting of a sweep over sizes and congestion controls"
        case .peer(let peer): "\(peer.title) with its default buffers and one worker"
        }
    }

    /// Reads a `name`. Sizes and congestion controls of static settings are free: `static-256K`, `static-4M-bbr`.
    public init(parsing text: String) throws(CandidateError) {
        let fixed: [Candidate] = [.direct, .kernel, .adaptive, .bestStatic] + Peer.allCases.map { .peer($0) }
        if let known = fixed.first(where: { $0.name == text }) {
            self = known
        } else if text.hasPrefix("static-") {
            self = .sluice(.fixed(try StaticSetting(parsing: String(text.dropFirst("static-".count)))))
        } else {
            throw CandidateError("'\(text)' is no candidate (allowed: \(Self.allowed))")
        }
    }

    /// For help texts and errors.
    public static let allowed =
        "direct, kernel, static-SIZE as in static-64K, static-SIZE-CC as in static-1M-bbr, best-static, adaptive, "
        + Peer.allCases.map(\.rawValue).joined(separator: ", ")
}

/// Who sizes Sluice's buffers.
public enum SluicePolicy: Sendable, Hashable {
    case kernel
    case adaptive
    case fixed(StaticSetting)
}

/// One static buffer size in a proxy, as an operator would set it: the relay buffer, and the send and receive buffers of
/// both sockets.
public struct StaticSetting: Sendable, Hashable, CustomStringConvertible {
    public var bytes: Int
    /// Of both sockets. `nil`: the host's.
    public var congestionControl: String?

    public init(bytes: Int, congestionControl: String? = nil) {
        self.bytes = bytes
        self.congestionControl = congestionControl
    }

    init(parsing text: String) throws(CandidateError) {
        let parts = text.split(separator: "-", maxSplits: 1).map(String.init)
        do throws(SizeTextError) {
            bytes = try SizeText(parsing: parts.first ?? "").bytes
        } catch {
            throw CandidateError("candidate 'static-\(text)': \(error)")
        }
        guard (Self.smallest...Self.largest).contains(bytes) else {
            let range = "\(SizeText(bytes: Self.smallest)) to \(SizeText(bytes: Self.largest))"
            throw CandidateError("candidate 'static-\(text)': a static size is from \(range)")
        }
        congestionControl = parts.count > 1 ? parts[1] : nil
        if let congestionControl, !congestionControl.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) {
            throw CandidateError(
                "candidate 'static-\(text)': '\(congestionControl)' is no congestion control"
            )
        }
    }

    private static let smallest = 4 << 10
    private static let largest = 64 << 20

    /// `64K`, `1M-bbr`.
    public var description: String {
        "\(SizeText(bytes: bytes))" + (congestionControl.map { "-\($0)" } ?? "")
    }

    var summary: String {
        "static buffers of \(SizeText(bytes: bytes))" + (congestionControl.map { " and \($0)" } ?? "")
    }
}

/// Why a text names no candidate, or a candidate cannot run here.
public struct CandidateError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
