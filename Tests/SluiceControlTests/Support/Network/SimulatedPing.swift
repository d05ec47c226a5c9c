/// A small request through a link's queue, and its answer on an empty way back, now and then: what anybody else beside the bulk
/// flows gets. What the wire loses at random is nobody's doing, and would hide the rest: a ping is lost in a full queue only.
final class SimulatedPing {
    let index: Int
    unowned let network: NetworkSimulation
    let link: SimulatedLink
    private let interval: Double
    private(set) var samples: [(time: Double, latency: Double)] = []

    private static let bytes = 100
    /// `TCP_RTO_MIN`, Linux's shortest wait before something is sent again.
    private static let shortestTimeout = 0.2

    init(index: Int, link: SimulatedLink, interval: Double, network: NetworkSimulation) {
        self.index = index
        self.link = link
        self.interval = interval
        self.network = network
    }

    /// - Parameter first: when this request was sent first; 0: now.
    func send(first: Double, at now: Double) {
        if first == 0 { network.events.schedule(.ping, of: index, at: now + interval) }
        let start = first == 0 ? now : first
        let passage = link.send(Self.bytes, mayLose: false, at: now)
        let roundTrip = link.roundTrip(at: passage.departure)
        if passage.lost > 0 {
            let timeout = max(Self.shortestTimeout, 2 * roundTrip)
            network.events.schedule(.ping, of: index, at: now + timeout, value: start)
            return
        }
        let latency = passage.departure + roundTrip + link.drawJitter() - start
        samples.append((start, latency))
    }

    /// The latency below which a share of the pings stayed that were sent between two times.
    func percentile(_ share: Double, from start: Double, to end: Double) -> Double {
        samples.filter { $0.time >= start && $0.time < end }.map(\.latency).percentile(share)
    }
}

extension [Double] {
    /// Nearest rank; NaN of nothing.
    func percentile(_ share: Double) -> Double {
        guard !isEmpty else { return .nan }
        let sorted = self.sorted()
        return sorted[Swift.min(Int(Double(count) * share), count - 1)]
    }
}
