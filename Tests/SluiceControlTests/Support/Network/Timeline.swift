import SluiceControl

/// The story of one relay's flow, a line a sample: for whoever has to understand why a seed fails.
///
/// The relay must keep its samples (`SimulatedRelay.Options.keepsSamples`).
enum Timeline {
    /// Prints the samples and decisions between two times.
    static func show(_ relay: SimulatedRelay, from start: Double = 0, to end: Double = .infinity) {
        print(heading)
        var previous: SimulatedRelay.Moment?
        for moment in relay.moments {
            defer { previous = moment }
            guard moment.time >= start, moment.time <= end else { continue }
            print(line(moment, after: previous))
            if let decision = moment.decision { print("          => " + text(decision)) }
        }
    }

    private static let heading =
        "   time  queues ms in, out |   rtt   min  var ms | cwnd unack  unsent KB | acked Mbit/s  rate | again KB | busy rwnd sndb %"
        + " | source: rcv_rtt ms, window KB, in Mbit/s"

    private static func line(_ moment: SimulatedRelay.Moment, after previous: SimulatedRelay.Moment?)
        -> String
    {
        let sink = moment.sink
        let passed = previous.map { moment.time - $0.time } ?? .infinity
        func rate(_ bytes: UInt64, _ before: UInt64?) -> Double {
            (Double(bytes) - Double(before ?? 0)) / passed / 125_000
        }
        func share(_ now: UInt64, _ before: UInt64?) -> Double {
            (Double(now) - Double(before ?? 0)) / passed / 1e4
        }
        let acked = rate(sink.bytesAcked, previous?.sink.bytesAcked)
        let again = sink.bytesRetransmitted - (previous?.sink.bytesRetransmitted ?? 0)
        var text =
            column(moment.time, 7, 3) + column(moment.queueDelays.source * 1e3, 9, 1)
            + column(moment.queueDelays.sink * 1e3, 9, 1) + " |"
            + column(Double(sink.rtt) / 1e3, 6, 1) + column(Double(sink.minimumRTT) / 1e3, 6, 1)
            + column(Double(sink.rttVariance) / 1e3, 5, 1) + "    |"
            + column(Double(sink.congestionWindow), 5, 0)
            + column(Double(sink.unacked), 6, 0) + column(Double(sink.notSent) / 1024, 8, 1) + "    |"
            + column(acked, 9, 2) + column(Double(sink.deliveryRate) / 125_000, 10, 2)
            + (sink.isAppLimited ? "a" : " ") + "|" + column(Double(again) / 1024, 9, 1) + " |"
            + column(share(sink.busy, previous?.sink.busy), 5, 0)
            + column(share(sink.receiverLimited, previous?.sink.receiverLimited), 5, 0)
            + column(share(sink.sendBufferLimited, previous?.sink.sendBufferLimited), 5, 0)
        if let source = moment.source {
            text +=
                "   |" + column(Double(source.receiveRTT) / 1e3, 7, 1)
                + column(Double(source.receiveWindow) / 1024, 8, 1)
                + column(rate(source.bytesReceived, previous?.source?.bytesReceived), 8, 2)
        }
        return text
    }

    private static func text(_ decision: Decision) -> String {
        func kilobytes(_ bytes: Int?) -> String {
            bytes.map { column(Double($0) / 1024, 0, 1) + " KB" } ?? "-"
        }
        let pacing = decision.pacingRate.map { column(Double($0) / 125_000, 0, 2) + " Mbit/s" } ?? "-"
        return "\(decision.reason.rawValue): ring \(kilobytes(decision.ringBytes)), "
            + "lowat \(kilobytes(decision.notSentLowat)), pacing \(pacing), "
            + "sndbuf \(kilobytes(decision.sendBuffer)), window \(kilobytes(decision.sourceWindow)), "
            + "cc \(decision.congestionControl?.name ?? "-")"
    }

    private static func column(_ value: Double, _ width: Int, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let rounded = Int((value * scale).rounded())
        var text = String(rounded / Int(scale))
        if digits > 0 {
            let fraction = String(abs(rounded) % Int(scale))
            text += "." + String(repeating: "0", count: digits - fraction.count) + fraction
        }
        return String(repeating: " ", count: max(width - text.count, 0)) + text
    }
}
