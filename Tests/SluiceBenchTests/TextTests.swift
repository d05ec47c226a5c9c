import Testing

@testable import SluiceBench

@Suite struct TextTests {
    @Test(
        arguments: [
            ("10M", 10_000_000), ("1G", 1_000_000_000), ("1.5g", 1_500_000_000), ("800K", 800_000),
            ("64000", 64_000),
        ] as [(String, UInt64)]
    )
    func `a bit rate counts in thousands`(text: String, bits: UInt64) throws {
        #expect(try RateText(parsing: text).bitsPerSecond == bits)
    }

    @Test(arguments: [
        "", "M", "-1M", "1T", "1 M", "1e6", "0x10", ".5M", "5.M", "1.2.3M", "0", "0.1", "99999999999G", "NaN",
    ])
    func `what is no bit rate is refused, with the allowed forms`(text: String) {
        let problem = #expect(throws: TextProblem.self) { try RateText(parsing: text) }
        #expect(problem?.description.contains(RateText.allowed) == true)
        #expect(problem?.description.contains("'\(text)'") == true)
    }

    @Test func `a written bit rate reads back`() throws {
        try forEachCase { generator in
            let rate = RateText(bitsPerSecond: UInt64.random(in: 1...1_000_000_000_000, using: &generator))
            let read = try RateText(parsing: rate.description)
            #expect(read == rate)
            let small = try RateText(parsing: rate.description.lowercased())
            #expect(small == rate)
        }
    }

    @Test(
        arguments: [("10", 10), ("0.5", 0.5), ("200ms", 0.2), ("10s", 10), ("2m", 120), ("1h", 3600)]
            as [(String, Double)]
    )
    func `a length of time has seconds, or a unit`(text: String, seconds: Double) throws {
        #expect(try SecondsText(parsing: text).seconds == seconds)
    }

    @Test(arguments: ["", "s", "-1", "1d", "1 s", "1e3", "inf", "10000h"])
    func `what is no length of time is refused`(text: String) {
        #expect(throws: TextProblem.self) { try SecondsText(parsing: text) }
    }

    @Test func `nothing that people type makes a parser trap`() {
        let alphabet = Array("0123456789.kKmMgGsh -+eExX,\u{0}é")
        forEachCase(2000) { generator in
            let text = String(
                (0..<Int.random(in: 0...8, using: &generator)).map { _ in
                    alphabet.randomElement(using: &generator)!
                }
            )
            _ = try? RateText(parsing: text)
            _ = try? SecondsText(parsing: text)
        }
    }

    @Test func `figures keep three digits, and change their unit in time`() {
        #expect(Figures.rate(941e6) == "941 Mbit/s")
        #expect(Figures.rate(999.9e6) == "1.00 Gbit/s")
        #expect(Figures.rate(0) == "0 bit/s")
        #expect(Figures.bytes(1 << 30) == "1 GiB")
        #expect(Figures.bytes(1_610_612_736) == "1.50 GiB")
        #expect(Figures.duration(12_345_678 as UInt64) == "12.3 ms")
        #expect(Figures.duration(950 as UInt64) == "950 ns")
    }
}
