import Foundation
import Testing

/// The time of day may jump: every deadline is one of the monotonic clock, which does not. See docs/faults.md.
@Suite(.serialized) struct ClockTests {
    /// That Sluice's own log jumps with it shows that it was asked.
    @Test(.needs(.gcc), arguments: [400, -400]) func `the time of day jumps`(days: Int) throws {
        try withTemporaryDirectory { directory in
            let clock = try JumpingClock(in: directory)
            let (origin, brief) = (try Listener(), try Listener())
            try withBystanders(
                to: origin.endpoint,
                route: "timeouts: {idle: 1h}",
                extraRoutes: [
                    """
                    {name: brief, listen: "127.0.0.1:0", to: "\(brief.endpoint)", timeouts: {idle: 2s}}
                    """
                ],
                launcher: clock.launcher
            ) { sluice, _ in
                let patient = try sluice.connect(to: origin)
                try patient.client.roundTrip(through: patient.server)
                // Its deadline lies before the jump and after it, by the time of day.
                let waiting = try Peer.connect(to: sluice.listener(of: "brief"))
                let waitingServer = try brief.accept()
                try waiting.roundTrip(through: waitingServer)

                try clock.jump(seconds: days * 86_400)
                try waitUntil("a log line of another year") {
                    let lines = sluice.errors.lines
                    return try year(of: lines.last) != year(of: lines.first)
                }
                // Early or never, by the time of day.
                try waiting.waitForClose()
                try waitingServer.waitForClose()
                try sluice.waitForMetric(
                    "sluice_connections_closed_total",
                    ["route": "brief", "reason": "idle_timeout"]
                ) { $0 == 1 }
                try patient.client.roundTrip(through: patient.server)
            }
        }
    }

    private func year(of line: String?) throws -> Substring {
        try #require(line.flatMap { JSONValue(parsing: $0)?.time?.string?.prefix(4) })
    }

    /// A count of milliseconds in 32 bits overflows after 49.7 days. Sluice runs through that moment.
    @Test(.needsTimeNamespace) func `the monotonic clock passes 49.7 days`() throws {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let moment = Int(UInt32.max) / 1000
        let margin = 4
        let offset = moment - now.tv_sec - margin
        let (origin, brief) = (try Listener(), try Listener())
        try withBystanders(
            to: origin.endpoint,
            route: "timeouts: {idle: 1h}",
            extraRoutes: [
                """
                {name: brief, listen: "127.0.0.1:0", to: "\(brief.endpoint)", timeouts: {idle: \(margin)s}}
                """
            ],
            launcher: TimeNamespace.launcher(offset: offset)
        ) { sluice, _ in
            let patient = try sluice.connect(to: origin)
            let waiting = try Peer.connect(to: sluice.listener(of: "brief"))
            let server = try brief.accept()
            try waiting.roundTrip(through: server)
            try waiting.waitForClose()
            var after = timespec()
            clock_gettime(CLOCK_MONOTONIC, &after)
            #expect(after.tv_sec + offset >= moment, "it did not come to that moment")
            try patient.client.roundTrip(through: patient.server)
        }
    }
}
