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
    public static let adaptiveUnprivileged = Candidate.sluice(.adaptiveUnprivileged)

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
        case .sluice(.adaptiveUnprivileged): "adaptive-unprivileged"
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
        case .sluice(.adaptiveUnprivileged): "the same without CAP_NET_ADMIN"
        case .sluice(.fixed(let setting)): "Sluice with \(setting.summary)"
        case .bestStatic: "Sluice with the best static setting of a sweep over sizes and congestion controls"
        case .peer(let peer): "\(peer.title) with its default buffers and one worker"
        }
    }

    /// Reads a `name`. Sizes and congestion controls of static settings are free: `static-256K`, `static-4M-bbr`.
    public init(parsing text: String) throws(CandidateError) {
        let fixed: [Candidate] =
            [.direct, .kernel, .adaptive, .adaptiveUnprivileged, .bestStatic]
            + Peer.allCases.map { .peer($0) }
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
        "direct, kernel, static-SIZE as in static-64K, with a congestion control static-1M-bbr, with TCP_NOTSENT_LOWAT "
        + "static-1M-lowat16K or static-1M-bbr-lowat16K, best-static, adaptive, adaptive-unprivileged, "
        + Peer.allCases.map(\.rawValue).joined(separator: ", ")
}

/// Who sizes Sluice's buffers.
public enum SluicePolicy: Sendable, Hashable {
    case kernel
    case adaptive
    /// As `adaptive`, in a process that has given up CAP_NET_ADMIN.
    case adaptiveUnprivileged
    case fixed(StaticSetting)
}

/// One static buffer size in a proxy, as an operator would set it: the relay buffer, and the send and receive buffers of
/// both sockets.
public struct StaticSetting: Sendable, Hashable, CustomStringConvertible {
    public var bytes: Int
    /// Of both sockets. `nil`: the host's.
    public var congestionControl: String?
    /// TCP_NOTSENT_LOWAT of both sockets, bytes. `nil`: the kernel's.
    public var notSentLowat: Int?

    public init(bytes: Int, congestionControl: String? = nil, notSentLowat: Int? = nil) {
        self.bytes = bytes
        self.congestionControl = congestionControl
        self.notSentLowat = notSentLowat
    }

    init(parsing text: String) throws(CandidateError) {
        var parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        bytes = try Self.size(parts.removeFirst(), in: text, at: Self.sizes)
        if let last = parts.last, last.hasPrefix(Self.lowatPrefix) {
            notSentLowat = try Self.size(
                String(last.dropFirst(Self.lowatPrefix.count)),
                in: text,
                at: Self.lowats
            )
            parts.removeLast()
        }
        guard let name = parts.first else { return }
        guard parts.count == 1, !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
        else {
            let wrong = parts.joined(separator: "-")
            throw CandidateError("candidate 'static-\(text)': '\(wrong)' is no congestion control")
        }
        congestionControl = name
    }

    private static func size(_ word: String, in text: String, at allowed: ClosedRange<Int>)
        throws(CandidateError) -> Int
    {
        let bytes: Int
        do throws(SizeTextError) {
            bytes = try SizeText(parsing: word).bytes
        } catch {
            throw CandidateError("candidate 'static-\(text)': \(error)")
        }
        guard allowed.contains(bytes) else {
            let range = "\(SizeText(bytes: allowed.lowerBound)) to \(SizeText(bytes: allowed.upperBound))"
            throw CandidateError("candidate 'static-\(text)': '\(word)' is not from \(range)")
        }
        return bytes
    }

    private static let lowatPrefix = "lowat"
    private static let sizes = 4 << 10...64 << 20
    private static let lowats = 1...64 << 20

    /// `64K`, `1M-bbr`, `1M-bbr-lowat16K`.
    public var description: String {
        let lowat = notSentLowat.map { Self.lowatPrefix + "\(SizeText(bytes: $0))" }
        return ["\(SizeText(bytes: bytes))", congestionControl, lowat].compactMap { $0 }.joined(
            separator: "-"
        )
    }

    var summary: String {
        let lowat = notSentLowat.map { "TCP_NOTSENT_LOWAT of \(SizeText(bytes: $0))" }
        return ["static buffers of \(SizeText(bytes: bytes))", congestionControl, lowat].compactMap { $0 }
            .joined(separator: " and ")
    }
}

/// Why a text names no candidate, or a candidate cannot run here.
public struct CandidateError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
