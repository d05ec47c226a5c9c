import Testing

@testable import SluiceControl

/// A line that carried 1 MB/s when a queue stood last.
@Suite struct RateSearchTests {
    private func search() -> RateSearch {
        var search = RateSearch()
        search.end(at: 1e6)
        return search
    }

    @Test func aSteadyPathIsLookedForCarefully() {
        var search = search()
        let gains = (0..<6).map { _ in search.grow(from: 1e6, isSwinging: false, safe: 1.08) }
        #expect(gains == [1.02, 1.05, 1.08, 1.08, 1.08, 1.08])
        #expect(search.isQuick && !search.hasFoundMore)
    }

    @Test func aSwingingOneQuickly() {
        var search = search()
        let gains = (0..<3).map { _ in search.grow(from: 1e6, isSwinging: true, safe: 2) }
        #expect(gains == [1.1, 1.25, 1.25])
    }

    /// What it carries more than before is what the next step may be wrong by.
    @Test func aLineThatCarriesMoreIsDoubled() {
        var search = search()
        for _ in 0..<4 { _ = search.grow(from: 1.2e6, isSwinging: false, safe: 1.05) }
        #expect(!search.hasFoundMore)
        #expect(search.grow(from: 1.5e6, isSwinging: false, safe: 1.05) == 1.5)
        #expect(search.hasFoundMore)
        #expect(search.grow(from: 5e6, isSwinging: false, safe: 1.05) == 2)
    }

    @Test func aQueueEndsIt() {
        var search = search()
        for _ in 0..<5 { _ = search.grow(from: 2e6, isSwinging: true, safe: 1.05) }
        search.end(at: 2e6)
        #expect(!search.isQuick && !search.hasFoundMore)
        #expect(search.grow(from: 2e6, isSwinging: false, safe: 1.05) == 1.02)
    }
}
