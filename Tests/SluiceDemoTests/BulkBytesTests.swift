// The content of GET /bytes, and its way over a real connection.

import Foundation
import SluiceRandom
import Testing

@testable import SluiceDemo

struct BulkBytesTests {
    private func content(size: Int, seed: UInt64, buffer: Int) async throws -> [UInt8] {
        var iterator = BulkBytes(size: size, seed: seed).makeAsyncIterator()
        var bytes: [UInt8] = []
        while let part = try await iterator.nextBuffer(suggested: buffer) {
            bytes += part
        }
        return bytes
    }

    /// The first outputs of the authors' own C code for seed 1234567.
    @Test func theContentIsSplitMix64() async throws {
        var words = SplitMix64(seed: 1_234_567)
        #expect(words.next() == 6_457_827_717_110_365_317)
        #expect(words.next() == 3_203_168_211_198_807_973)
        let bytes = try await content(size: 8, seed: 1_234_567, buffer: 8)
        #expect(bytes == withUnsafeBytes(of: UInt64(6_457_827_717_110_365_317).littleEndian, Array.init))
    }

    @Test(arguments: [1, 8, 1000, 4096])
    func theContentDoesNotDependOnTheBufferSize(buffer: Int) async throws {
        let expected = try await content(size: 10_001, seed: 1, buffer: 1 << 20)
        #expect(expected.count == 10_001)
        #expect(try await content(size: 10_001, seed: 1, buffer: buffer) == expected)
    }

    @Test func anotherSeedGivesAnotherContent() async throws {
        #expect(try await content(size: 64, seed: 1, buffer: 64) != content(size: 64, seed: 2, buffer: 64))
    }

    @Test(.timeLimit(.minutes(2)), arguments: [0, 1, 3 << 20 | 5])
    func aDownloadHasItsLengthAndItsContent(size: Int) async throws {
        try await withOrigin { port, _ in
            var client = try await RawHTTPClient(port: port)
            defer { try? client.close() }
            try await client.send("GET", "/bytes?size=\(size)&seed=9")
            let response = try await client.readResponse()
            #expect(response.status == 200)
            #expect(try await Array(response.body) == content(size: size, seed: 9, buffer: 4096))
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: ["size=101G", "size=-1", "size=", "size=1T", "seed=x"])
    func aBadQueryIsToldWhatIsWrong(query: String) async throws {
        try await withOrigin { port, _ in
            var client = try await RawHTTPClient(port: port)
            defer { try? client.close() }
            try await client.send("GET", "/bytes?\(query)")
            let response = try await client.readResponse()
            #expect(response.status == 400)
            let message = try #require(try errorMessage(in: response.body))
            #expect(message.hasPrefix(query.prefix(4)) && message.contains("expected"))
        }
    }

    @Test(arguments: [
        ("0", 0), ("4096", 4096), ("64K", 65536), ("100M", 104_857_600), ("2g", 2_147_483_648),
    ])
    func sizesTakeUnits(text: String, bytes: Int) {
        #expect(ByteSize(text)?.bytes == bytes)
    }

    @Test(arguments: ["", "K", "1KB", " 1", "+1", "-1", "1.5M", "99999999999999999999", "9999999999G", "٣"])
    func whatIsNoSizeIsRefused(text: String) {
        #expect(ByteSize(text) == nil)
    }
}
