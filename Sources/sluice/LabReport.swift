import Foundation
import SluiceLab

/// What `sluice lab run` prints for people.
enum LabText {
    /// Each link, its round-trip time and its queues; then the hosts.
    static func head(_ network: LabNetwork) -> [String] {
        let links = network.links.enumerated().map { index, link in
            let queues = [("up", link.queueBytes.up), ("down", link.queueBytes.down)]
                .map { "\($0.0) \($0.1 < 1 << 50 ? "\($0.1) bytes" : "never fills")" }
            return "lab: link \(index): \(link.specification)\n"
                + "lab: link \(index): delays are one-way; round-trip time "
                + "\(milliseconds(link.specification.roundTripTime)) ms; queue \(queues.joined(separator: ", "))"
        }
        return links + [
            "lab: hosts: " + network.hosts.map { "\($0.name) \($0.address)" }.joined(separator: ", ")
        ]
    }

    static func line(
        _ time: String,
        _ link: Int,
        _ direction: LinkDirection,
        _ counted: DirectionStatistics
    ) -> String {
        let delay = counted.queueDelay
        let drops = counted.dropped
        return String(
            format:
                "lab: %6@ link %d %-4@ %8.2f Mbit/s %7d packets, queue p50 %.1f p99 %.1f max %.1f ms (%d KB), "
                + "dropped: full %d, codel %d, loss %d",
            time as NSString,
            link,
            direction.rawValue as NSString,
            counted.deliveredBitsPerSecond / 1e6,
            counted.deliveredPackets,
            delay.p50Milliseconds,
            delay.p99Milliseconds,
            delay.maximumMilliseconds,
            counted.maximumQueuedBytes / 1024,
            drops.queueFull,
            drops.coDel,
            drops.loss
        )
    }

    static func milliseconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let value = Double(seconds) * 1000 + Double(attoseconds) / 1e15
        return value == value.rounded() ? "\(Int(value))" : "\(value)"
    }
}

/// What `sluice lab run --json` prints.
struct LabDocument: Encodable {
    let exitCode: Int32
    let links: [LinkReport]

    func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
