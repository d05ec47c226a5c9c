/// What a terminal shows while a run lasts: one line that is written over again and again.
public struct ProgressLine: Sendable {
    private var last: RunProgress?

    public init() {}

    /// The line for now, without an end.
    public mutating func text(_ progress: RunProgress) -> String {
        let before = last
        last = progress
        let seconds = progress.seconds - (before?.seconds ?? 0)
        func rate(_ bytes: KeyPath<RunProgress, UInt64>) -> String {
            let count = progress[keyPath: bytes] - min(before?[keyPath: bytes] ?? 0, progress[keyPath: bytes])
            return Figures.rate(seconds > 0 ? Double(count) * 8 / seconds : 0)
        }
        var parts = [Self.time(progress)]
        if progress.upstream > 0 { parts.append("up \(rate(\.upstream))") }
        if progress.downstream > 0 { parts.append("down \(rate(\.downstream))") }
        for (tally, name) in Self.shown {
            if let count = progress.tallies[tally], count > 0 { parts.append("\(count) \(name)") }
        }
        return parts.joined(separator: " · ")
    }

    private static let shown: [(Tally, String)] = [
        (.requests, "requests"), (.tokens, "tokens"), (.stalls, "stalls"), (.updates, "updates"),
        (.connects, "connects"), (.failures, "failures"),
    ]

    private static func time(_ progress: RunProgress) -> String {
        let now = Figures.number(progress.seconds.rounded(.down))
        if let seconds = progress.plan.seconds { return "\(now) of \(Figures.number(seconds)) s" }
        return "\(now) s"
    }
}
