import Testing

@testable import SluiceBench

@Suite struct PreambleTests {
    @Test func `a preamble reads back`() throws {
        try forEachCase { generator in
            let preamble = Preamble(
                kind: [.control, .data, .connect].randomElement(using: &generator)!,
                status: [.ok, .busy, .versionMismatch, .unknownToken].randomElement(using: &generator)!,
                lane: .random(in: 0 ... .max, using: &generator),
                token: .random()
            )
            #expect(preamble.bytes.count == Preamble.byteCount)
            let read = try #require(Preamble(preamble.bytes))
            #expect(read == preamble)
            for length in 0...Preamble.byteCount {
                #expect(Preamble.canStart(with: preamble.bytes.prefix(length)))
            }
        }
    }

    @Test func `another version is recognised whatever follows it`() throws {
        try forEachCase { generator in
            let noise = (0..<22).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let version = UInt16.random(in: 2 ... .max, using: &generator)
            let bytes = Array("SLUICEBN".utf8) + [UInt8(version >> 8), UInt8(version & 0xff)] + noise
            let preamble = try #require(Preamble(bytes))
            #expect(preamble.status == .versionMismatch)
            #expect(preamble.version == version)
        }
    }

    @Test func `random bytes are no preamble, and a damaged one never traps`() {
        forEachCase(2000) { generator in
            let noise = (0..<Preamble.byteCount).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(Preamble(noise) == nil)
            var damaged = Preamble(kind: .data, lane: 3, token: .random()).bytes
            damaged[Int.random(in: 0..<damaged.count, using: &generator)] ^=
                1 << UInt8.random(in: 0...7, using: &generator)
            _ = Preamble(damaged)
        }
        #expect(Preamble("GET / HTTP/1.1\r\nHost: localhost\r\n".utf8.prefix(32)) == nil)
        #expect(!Preamble.canStart(with: "GET".utf8))
        #expect(Preamble(Preamble(kind: .data).bytes.dropLast()) == nil)
    }
}
