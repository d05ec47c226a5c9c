import Testing

@testable import SluiceControl

/// How the window that a source is told opens.
@Suite struct SourceWindowTests {
    private static let first = FirstWindow.remote.bytes

    private func window(
        bytesEach: Int,
        everyMilliseconds: UInt32,
        for milliseconds: UInt32,
        pace: SourceWindow.Pace
    ) -> SourceWindow {
        var window = SourceWindow()
        window.begin(at: Self.first)
        for time in stride(from: 1, through: milliseconds, by: Int(everyMilliseconds)) {
            _ = window.noteWritten(bytes: bytesEach, all: true, pace: pace, at: UInt32(time))
        }
        return window
    }

    /// 6 MB/s over 20 ms are 120 kB: twice that, and sixteen segments.
    @Test func opensToTwiceWhatARoundTripBrings() throws {
        let pace = SourceWindow.Pace(sourceRoundTrip: 20, sinkRoundTrip: 0)
        let bytes = try #require(
            window(bytesEach: 6000, everyMilliseconds: 1, for: 10_000, pace: pace).bytes
        )
        #expect(bytes > 200_000 && bytes < 300_000)
    }

    @Test func aSlowFlowOpensNothing() {
        let pace = SourceWindow.Pace(sourceRoundTrip: 20, sinkRoundTrip: 0)
        let window = window(bytesEach: 1448, everyMilliseconds: 10, for: 60_000, pace: pace)
        #expect(window.bytes == Self.first)
    }

    @Test func aFastFlowIsGivenBackToTheKernel() {
        let pace = SourceWindow.Pace(sourceRoundTrip: 40, sinkRoundTrip: 0)
        #expect(window(bytesEach: 125_000, everyMilliseconds: 1, for: 1000, pace: pace).bytes == nil)
    }

    /// The sender's next round trip brings twice as much, and the one after that, for which it is told of room now, four times.
    @Test func opensAheadOfTheSourcesSlowStart() throws {
        let pace = SourceWindow.Pace(sourceRoundTrip: 20, sinkRoundTrip: 0)
        var window = SourceWindow()
        window.begin(at: Self.first)
        var time: UInt32 = 1
        for total in [20_000, 40_000, 80_000] {
            for _ in 0..<20 {
                _ = window.noteWritten(bytes: total / 20, all: true, pace: pace, at: time)
                time += 1
            }
            time += 2
        }
        #expect(try #require(window.bytes) > 4 * 80_000 * 4 / 5)
    }

    /// What a sink's kernel swallows at once is no sign that the sink has it.
    @Test func opensNoFasterThanTheSinksSlowStart() throws {
        let pace = SourceWindow.Pace(sourceRoundTrip: 1, sinkRoundTrip: 100)
        func bytes(after milliseconds: UInt32) throws -> Int {
            try #require(window(bytesEach: 60_000, everyMilliseconds: 1, for: milliseconds, pace: pace).bytes)
        }
        #expect(try bytes(after: 99) == Self.first)
        #expect(try bytes(after: 199) == 2 * Self.first)
        #expect(try bytes(after: 299) == 4 * Self.first)
    }

    @Test func opensNoFurtherThanWhatArrivesAtTheSink() throws {
        let pace = SourceWindow.Pace(sourceRoundTrip: 1, sinkRoundTrip: 0, sinkRate: 1e6)
        let window = window(bytesEach: 60_000, everyMilliseconds: 1, for: 5000, pace: pace)
        #expect(try #require(window.bytes) <= 64 << 10)
    }

    @Test func aFullSinkStopsIt() {
        var window = SourceWindow()
        window.begin(at: Self.first)
        let pace = SourceWindow.Pace(sourceRoundTrip: 20, sinkRoundTrip: 0)
        for time: UInt32 in 1...1000 {
            _ = window.noteWritten(bytes: 6000, all: time % 2 == 0, pace: pace, at: time)
        }
        #expect(window.wasSinkFull)
        #expect(window.bytes == Self.first)
    }

    /// 1e7 bytes a second, 10 ms and two round trips of 5 ms.
    @Test func behindASlowSinkItIsWhatThatTakes() {
        var window = SourceWindow()
        window.bound(rate: 1e7, budget: 0.010, roundTrip: 0.005)
        #expect(window.bytes == 200_000)
        window.bound(rate: 1, budget: 0.010, roundTrip: 0.005)
        #expect(window.bytes == SourceWindow.leastBytes)
    }
}
