import SluiceControl

/// The story of one connection, in sentences for people.
public struct ConnectionStory: Sendable {
    private let report: ConnectionReport

    public init(_ report: ConnectionReport) { self.report = report }

    /// Several lines, each ending in a line feed.
    public var text: String {
        let lines =
            head + [""] + direction("From the client to the origin", report.upstream, upTo: "origin") + [""]
            + direction("From the origin to the client", report.downstream, upTo: "client") + [""] + decisions
        return lines.joined(separator: "\n") + "\n"
    }

    /// One line.
    public var summary: String {
        let age = FigureText.duration(report.ageSeconds)
        return
            "\(report.id)  \(report.client)  route \(report.route), class \(report.flowClass), \(state), \(age) old"
    }

    // MARK: Who

    private var head: [String] {
        [
            "Connection \(report.id) of route \(report.route), \(state), \(FigureText.duration(report.ageSeconds)) old:",
            "\(report.client) reaches \(report.origin) through Sluice. \(idle)",
            "Its class is \(report.flowClass): \(classReason).",
            arm,
        ]
    }

    private var state: String {
        switch report.state {
        case "half_closed": "half closed"
        default: report.state
        }
    }

    private var idle: String {
        report.idleSeconds < 1
            ? "Bytes move now." : "No byte has moved for \(FigureText.duration(report.idleSeconds))."
    }

    private var classReason: String {
        switch report.classSource {
        case "configured": "the configuration says so"
        case "port": "the origin's port suggests it, and the traffic has not shown otherwise"
        case "traffic": "the traffic looks like it, whatever the origin's port suggests"
        default: report.classSource
        }
    }

    private var arm: String {
        switch report.arm {
        case "adaptive": "Sluice steers it by what it measures."
        case "kernel":
            "It is held back: left to the kernel alone, so that the metrics can show what steering the others gains."
        default: "The route's policy is not adaptive: what is set was decided by the configuration."
        }
    }

    // MARK: What it looks like now

    private func direction(_ name: String, _ direction: DirectionReport, upTo peer: String) -> [String] {
        var lines = ["\(name): \(FigureText.bytes(direction.relayedBytes)) so far\(speed(direction))."]
        if let path = path(direction, to: peer) { lines.append(path) }
        lines.append("  Set: \(settings(direction).joined(separator: ", ")).")
        lines.append("  Waiting now: \(waiting(direction)).")
        return lines
    }

    private func speed(_ direction: DirectionReport) -> String {
        direction.throughput.map { ", \(FigureText.rate($0)) lately" } ?? ""
    }

    private func path(_ direction: DirectionReport, to peer: String) -> String? {
        guard let now = direction.roundTripSeconds, let best = direction.minimumRoundTripSeconds else {
            return nil
        }
        var sentence = "  The path to the \(peer): a round trip takes \(FigureText.roundTrip(now))"
        sentence += ", \(FigureText.roundTrip(best)) at best in the last 10 s"
        if now > best { sentence += ", so about \(FigureText.roundTrip(now - best)) is queue" }
        if let bandwidth = direction.bandwidth {
            sentence += "; it has carried \(FigureText.rate(bandwidth))"
        }
        if let product = direction.bandwidthDelayProduct, product > 0 {
            sentence += ", so that \(FigureText.bytes(product)) in flight fill it"
        }
        if direction.retransmittedBytes > 0 {
            sentence += "; \(FigureText.bytes(direction.retransmittedBytes)) were sent again"
        }
        return sentence + "."
    }

    private func settings(_ direction: DirectionReport) -> [String] {
        var parts = ["a relay buffer of up to \(FigureText.bytes(direction.ringTargetBytes))"]
        if let bytes = direction.notSentLowat { parts.append(Self.unsent(bytes)) }
        if let rate = direction.pacingRate { parts.append(Self.pacing(Double(rate))) }
        if let bytes = direction.sendBuffer { parts.append(Self.sendBuffer(bytes)) }
        if let bytes = direction.sourceWindow { parts.append(Self.window(bytes)) }
        if let name = direction.congestionControl { parts.append("congestion control \(name)") }
        return parts
    }

    private func waiting(_ direction: DirectionReport) -> String {
        let held = FigureText.bytes(direction.heldBytes)
        return "\(held) of relay buffer, \(FigureText.bytes(direction.unsentBytes)) unsent in the kernel"
    }

    // MARK: What was decided

    private var decisions: [String] {
        guard let decisions = report.decisions, !decisions.isEmpty else {
            return ["No decision has changed anything since its first samples."]
        }
        return ["The last decisions, oldest first:"] + decisions.map(sentence)
    }

    private func sentence(_ decision: DecisionDocument) -> String {
        let way = decision.direction == Direction.upstream.rawValue ? "to the origin" : "to the client"
        let changes = decision.changed.compactMap { change(Actuator(rawValue: $0), decision) }
        let numbers = evidence(decision)
        let proof = numbers.isEmpty ? "" : " (\(numbers.joined(separator: ", ")))"
        return "  \(time(of: decision)), \(way): "
            + "\(reason(decision.reason))\(proof), so \(changes.joined(separator: ", "))."
    }

    private func time(of decision: DecisionDocument) -> String {
        let last = "\(FigureText.duration(decision.secondsAgo)) ago"
        guard decision.count > 1 else { return last }
        return "from \(FigureText.duration(decision.firstSecondsAgo)) to \(last), \(decision.count) times"
    }

    private func reason(_ name: String) -> String {
        switch Reason(rawValue: name) {
        case .startup: "nothing was measured yet"
        case .appLimited: "the source had no more to send"
        case .sendBufferLimited: "the kernel's send buffer was too small for the path, or about to be"
        case .receiverLimited: "the far end read slowly"
        case .queueBuilding: "a queue was building on the path"
        case .lossLimited: "losses held the flow back"
        case .networkLimited: "the path itself was the limit"
        case .competitor: "somebody else filled the queue, and yielding would have lost them the link"
        case .fasterPath: "the path had become faster than anybody knew"
        case .outdatedRate: "BBR went by a rate far below the line's"
        case .localPeer: "the peer is on this host"
        case .classChanged: "the traffic turned out to be of another class"
        case nil: name
        }
    }

    private func change(_ actuator: Actuator?, _ decision: DecisionDocument) -> String? {
        switch actuator {
        case .ring: "the relay buffer may have \(FigureText.bytes(decision.ringBytes))"
        case .notSentLowat:
            decision.notSentLowat.map(Self.unsent) ?? "the kernel's own limit on unsent data holds"
        case .pacing: decision.pacingRate.map { Self.pacing(Double($0)) } ?? "it is no longer paced"
        case .sendBuffer: decision.sendBuffer.map(Self.sendBuffer) ?? "the send buffer is the kernel's again"
        case .sourceWindow:
            decision.sourceWindow.map(Self.window) ?? "the source's window is the kernel's again"
        case .congestionControl:
            "the congestion control is \(decision.congestionControl ?? "the host's default again")"
        case nil: nil
        }
    }

    private func evidence(_ decision: DecisionDocument) -> [String] {
        var parts: [String] = []
        if let now = decision.roundTripSeconds, let best = decision.minimumRoundTripSeconds {
            parts.append(
                "round trip \(FigureText.roundTrip(now)), at best \(FigureText.roundTrip(best))"
            )
        }
        if let bandwidth = decision.bandwidth { parts.append("bandwidth \(FigureText.rate(bandwidth))") }
        func add(_ share: Double?, _ what: String) {
            if let share, share >= 0.01 { parts.append("\(FigureText.percent(share)) \(what)") }
        }
        add(decision.busyShare, "of the time busy")
        add(decision.receiverLimitedShare, "of it held by the receiver's window")
        add(decision.sendBufferLimitedShare, "of it held by the send buffer")
        if let loss = decision.lossShare, loss >= 0.0001 {
            parts.append("\(FigureText.percent(loss)) sent again")
        }
        return parts
    }

    private static func unsent(_ bytes: Int) -> String {
        "at most \(FigureText.bytes(bytes)) wait unsent in the kernel"
    }
    private static func pacing(_ rate: Double) -> String { "it is paced at \(FigureText.rate(rate))" }
    private static func sendBuffer(_ bytes: Int) -> String {
        "the send buffer has \(FigureText.bytes(bytes))"
    }
    private static func window(_ bytes: Int) -> String {
        "the source may send \(FigureText.bytes(bytes)) ahead"
    }
}
