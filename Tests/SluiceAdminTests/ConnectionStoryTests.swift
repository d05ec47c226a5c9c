import Foundation
import SluiceCore
import Testing

@testable import SluiceAdmin

@Suite struct ConnectionStoryTests {
    /// Over the wire, as `sluice explain` gets it.
    @Test func itTellsWhoWhatAndWhy() async throws {
        try await withAdminServer { address in
            let response = try await AdminClient.request("GET", "/connections/2", at: address)
            let report = try JSONDecoder().decode(ConnectionReport.self, from: Data(response.body.utf8))
            let story = ConnectionStory(report).text
            for part in [
                "Connection 2 of route llm", "192.0.2.1:5000 reaches 192.0.2.2:11434",
                "Its class is llm: the origin's port suggests it", "Sluice steers it",
                "From the client to the origin: 20 bytes so far",
                "a round trip takes 250 ms, 125 ms at best in the last 10 s, so about 125 ms is queue",
                "at most 16 KiB wait unsent in the kernel", "the source may send 64 KiB ahead",
                "congestion control cubic",
                "2.5 s ago, to the client: a queue was building on the path (round trip 45 ms, at best 20 ms, "
                    + "bandwidth 50 Mbit/s, 100 % of the time busy, 0.2 % sent again), "
                    + "so the relay buffer may have 64 KiB, it is paced at 48 Mbit/s.",
            ] {
                #expect(story.contains(part), "\(part) is missing in:\n\(story)")
            }
        }
    }

    @Test func aConnectionIsFoundByItsClient() async throws {
        try await withAdminServer { address in
            let response = try await AdminClient.request("GET", "/connections", at: address)
            let reports = try JSONDecoder().decode([ConnectionReport].self, from: Data(response.body.utf8))
            let report = try #require(reports.first)
            #expect(report.client == "192.0.2.1:5000")
            #expect(report.isOf("192.0.2.1:5000") && report.isOf("192.0.2.1"))
            #expect(!report.isOf("192.0.2.1:500") && !report.isOf("192.0.2.9"))
        }
    }
}

@Suite struct FigureTextTests {
    @Test(arguments: [
        (0.000_003, "3 µs"), (0.000_12, "0.12 ms"), (0.0123, "12 ms"), (1.5, "1500 ms"),
    ]) func aRoundTripHasTheUnitThatFits(seconds: Double, text: String) {
        #expect(FigureText.roundTrip(seconds) == text)
    }

    @Test(arguments: [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 KiB"), (25 << 20, "25 MiB")])
    func bytesAreShortAndBinary(count: Int, text: String) {
        #expect(FigureText.bytes(count) == text)
    }

    @Test(arguments: [
        (0.04, "0.04 s"), (119, "119 s"), (120, "2 min"), (7260, "2 h 1 min"), (200_000, "2 days"),
    ]) func aDurationIsAsExactAsAnybodyAsks(seconds: Double, text: String) {
        #expect(FigureText.duration(seconds) == text)
    }

    @Test(arguments: [(125.0, "1 kbit/s"), (6e6, "48 Mbit/s"), (1.25e9, "10 Gbit/s")])
    func aRateIsInBits(bytesPerSecond: Double, text: String) {
        #expect(FigureText.rate(bytesPerSecond) == text)
    }
}
