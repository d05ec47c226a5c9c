import SluiceRandom
import Testing

@testable import SluiceCompare

@Suite struct PgbenchLogTests {
    @Test func `each script has its latencies`() throws {
        var log = PgbenchLog(scriptCount: 2)
        try log.read("0 1 1500 0 1700000000 12\n1 1 250000 1 1700000000 900\n")
        try log.read("2 1 2500 0 1700000001 77 13\n")
        #expect(log.latencies[0].count == 2)
        #expect(log.latencies[0].minimum == 1_500_000)
        #expect(log.latencies[1].count == 1)
        #expect(log.latencies[1].maximum == 250_000_000)
    }

    @Test(arguments: [
        "0 1 failed 0 1700000000 12", "0 1 15", "0 1 1500 2 1700000000 12", "0 1 -1 0 1700000000 12",
        "0 1 18446744073709551615 0 1700000000 12", "latency average = 1 ms",
    ])
    func `a line without a time is an error that shows it`(line: String) throws {
        var log = PgbenchLog(scriptCount: 2)
        let error = #expect(throws: PgbenchLogError.self) { try log.read("0 1 1 0 1 1\n\(line)\n") }
        #expect(try #require(error).description.contains("line 2: '\(line)'"))
    }

    @Test func `garbage never traps`() {
        for seed in 0..<500 {
            var generator = SplitMix64(seed: UInt64(seed))
            let bytes = (0..<200).map { _ in
                Array("0123456789 -\n\u{7F}".utf8).randomElement(using: &generator)!
            }
            var log = PgbenchLog(scriptCount: 2)
            try? log.read(String(decoding: bytes, as: UTF8.self))
        }
    }
}
