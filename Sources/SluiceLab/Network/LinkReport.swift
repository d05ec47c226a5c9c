/// What a link was, and what it did: for a result that is kept.
public struct LinkReport: Sendable, Hashable, Codable {
    /// As `LinkSpecification(parsing:)` reads it.
    public var specification: String
    /// The propagation delays there and back.
    public var roundTripMilliseconds: Double
    /// Bytes that may wait at the start, by direction.
    public var queueBytes: [String: Int]
    public var statistics: LinkStatistics

    /// Where the emulator was not as exact as it promises: sentences for whoever reads the figures.
    public var warnings: [String] {
        LinkDirection.allCases.flatMap { direction -> [String] in
            let total = statistics[direction].total
            var warnings: [String] = []
            if total.dropped.emulator > 0 {
                warnings.append(
                    "\(direction.rawValue): the emulator itself dropped \(total.dropped.emulator) packets: "
                        + "this machine is too slow for the link, and the run is not valid"
                )
            }
            if total.lateness.p99Milliseconds > Self.promisedLateness {
                let late = (total.lateness.p99Milliseconds * 100).rounded() / 100
                warnings.append(
                    "\(direction.rawValue): 1 % of the packets were more than \(late) ms late: the machine is busy"
                )
            }
            return warnings
        }
    }

    /// Milliseconds.
    private static let promisedLateness = 0.3
}

extension LabLink {
    /// The link and its statistics, since the start or since `restartClock`.
    public var report: LinkReport {
        LinkReport(
            specification: "\(specification)",
            roundTripMilliseconds: specification.roundTripTime / .milliseconds(1),
            queueBytes: ["up": queueBytes.up, "down": queueBytes.down],
            statistics: statistics()
        )
    }
}
