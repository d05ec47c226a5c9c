import SluiceRandom
import Testing

@testable import SluiceCore

@Suite struct ProxyHeaderTests {
    // MARK: What is right

    @Test func theSpecificationsExampleReads() throws {
        let verdict = HeaderVerdict(of: Array("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\nGET /".utf8))
        let endpoints = try #require(verdict.header?.endpoints)
        #expect(endpoints.source == SocketAddress(literal: "192.168.0.1", port: 56324))
        #expect(endpoints.destination == SocketAddress(literal: "192.168.0.11", port: 443))
        #expect(verdict.length == 47)
    }

    @Test(
        arguments: [
            "PROXY UNKNOWN\r\n",
            "PROXY UNKNOWN anything \n at \r all\r\n",
            "PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
        ]
    )
    func unknownIsTakenWhateverFollows(line: String) {
        let verdict = HeaderVerdict(of: Array(line.utf8))
        #expect(verdict.header == ProxyHeader(endpoints: nil))
        #expect(verdict.length == line.utf8.count)
    }

    @Test func theLongestLinesOfBothFamiliesRead() {
        for line in [
            "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
            "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
            "PROXY TCP6 2001:DB8::1 ::ffff:192.0.2.1 0 1\r\n",
        ] {
            #expect(HeaderVerdict(of: Array(line.utf8)).header?.endpoints != nil, "\(line)")
        }
    }

    @Test func whatIsNotAnnouncedIsSkipped() {
        let block = HeaderSamples.ipv4Block
        for bytes in [
            HeaderSamples.binary(0x20, 0x00, []), HeaderSamples.binary(0x20, 0x11, block),
            HeaderSamples.binary(0x20, 0x7f, [1, 2, 3]), HeaderSamples.binary(0x21, 0x00, [1, 2, 3]),
            HeaderSamples.binary(0x21, 0x12, block),
        ] {
            let verdict = HeaderVerdict(of: bytes + [0xaa])
            #expect(verdict.header == ProxyHeader(endpoints: nil))
            #expect(verdict.length == bytes.count)
        }
    }

    /// RFC 3720, B.4 has more of them; this one is everybody's.
    @Test func theChecksumIsCastagnolis() {
        var checksum = CRC32C()
        checksum.update("123456789".utf8)
        #expect(checksum.value == 0xE306_9283)
    }

    // MARK: There and back

    @Test func aHeaderReadsBack() {
        var random = SplitMix64(seed: 51)
        for _ in 0..<3000 {
            let header = HeaderSamples.random(&random)
            let bytes = header.encoded(as: .v2)
            let verdict = HeaderVerdict(of: bytes + [13, 10, 0])
            #expect(verdict.header == header)
            #expect(verdict.length == bytes.count)
        }
    }

    @Test func aLineReadsBack() {
        var random = SplitMix64(seed: 52)
        for _ in 0..<3000 {
            let header = HeaderSamples.random(&random)
            let line = header.encoded(as: .v1)
            #expect(line.count <= TextForm.maximumLength)
            let verdict = HeaderVerdict(of: line + [13, 10, 0])
            let isTCP = header.endpoints!.source.isTCP
            #expect(verdict.header == ProxyHeader(endpoints: isTCP ? header.endpoints : nil))
            #expect(verdict.length == line.count)
        }
    }

    @Test func mixedFamiliesMeetInOne() throws {
        let four = try #require(SocketAddress(literal: "192.0.2.1", port: 1))
        let mapped = try #require(SocketAddress(literal: "::ffff:192.0.2.2", port: 2))
        let six = try #require(SocketAddress(literal: "2001:db8::1", port: 3))
        func line(_ source: SocketAddress, _ destination: SocketAddress) -> String {
            let header = ProxyHeader(endpoints: .init(source: source, destination: destination))
            return String(decoding: header.encoded(as: .v1), as: UTF8.self)
        }
        #expect(line(mapped, four) == "PROXY TCP4 192.0.2.2 192.0.2.1 2 1\r\n")
        #expect(line(mapped, mapped) == "PROXY TCP4 192.0.2.2 192.0.2.2 2 2\r\n")
        #expect(line(four, six) == "PROXY TCP6 ::ffff:192.0.2.1 2001:db8::1 1 3\r\n")
        #expect(line(six, .unix("/s")) == "PROXY UNKNOWN\r\n")
    }

    @Test func tlvsArePassedOnInOrderAndTheChecksumAnew() throws {
        let tlvs = ProxyTLVs([(0xE1, [1, 2]), (0x01, []), (0xE1, [3])], hasChecksum: true)
        var header = ProxyHeader(
            endpoints: .init(
                source: try #require(SocketAddress(literal: "192.0.2.1", port: 1)),
                destination: try #require(SocketAddress(literal: "192.0.2.2", port: 2))
            ),
            tlvs: tlvs
        )
        let read = try #require(HeaderVerdict(of: header.encoded(as: .v2)).header)
        #expect(read.tlvs.elements.map(\.kind) == [0xE1, 0x01, 0xE1])
        #expect(read.tlvs.elements.map(\.value) == [[1, 2], [], [3]])
        header.endpoints?.source = try #require(SocketAddress(literal: "192.0.2.9", port: 1))
        #expect(HeaderVerdict(of: header.encoded(as: .v2)).header == header)
    }

    // MARK: Pieces

    @Test func everyBeginningWaitsForMore() {
        var random = SplitMix64(seed: 53)
        for _ in 0..<100 {
            let header = HeaderSamples.random(&random)
            for bytes in [header.encoded(as: .v1), header.encoded(as: .v2)] {
                for length in 0..<bytes.count {
                    #expect(HeaderVerdict(of: Array(bytes.prefix(length))).needsMore)
                }
            }
        }
    }

    @Test func aHeaderInPiecesReadsLikeAWholeOneAndNotAByteFurther() throws {
        var random = SplitMix64(seed: 54)
        for round in 0..<500 {
            let header = HeaderSamples.random(&random)
            let bytes = header.encoded(as: round.isMultiple(of: 2) ? .v1 : .v2)
            let stream = bytes + [1, 2, 3]
            var reader = ProxyHeaderReader()
            var (start, found) = (0, ProxyHeader?.none)
            while found == nil {
                let end = min(stream.count, start + Int.random(in: 1...40, using: &random))
                let (consumed, header) = try stream[start..<end].withUnsafeBytes { try reader.take($0) }
                start += consumed
                found = header
            }
            #expect(start == bytes.count)
            #expect(found == HeaderVerdict(of: bytes).header)
        }
    }

    // MARK: What is wrong

    @Test(
        arguments: [
            ("GET / HTTP/1.1\r\n", ProxyHeaderError.noSignature),
            ("proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n", .noSignature),
            ("PROXY  TCP4 1.2.3.4 1.2.3.4 1 2\r\n", .badLine(.family)),
            ("PROXY tcp4 1.2.3.4 1.2.3.4 1 2\r\n", .badLine(.family)),
            ("PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n", .badLine(.family)),
            ("PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n", .badLine(.family)),
            ("PROXY UNKNOWNS\r\n", .badLine(.family)),
            ("PROXY \r\n", .badLine(.family)),
            ("PROXY TCP4\r\n", .badLine(.fields)),
            ("PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n", .badLine(.fields)),
            ("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n", .badLine(.fields)),
            ("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n", .badLine(.fields)),
            ("PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n", .badLine(.fields)),
            ("PROXY TCP4 1.2.3.4\t1.2.3.4 1 2\r\n", .badLine(.fields)),
            ("PROXY TCP4 01.2.3.4 1.2.3.4 1 2\r\n", .badLine(.address)),
            ("PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n", .badLine(.address)),
            ("PROXY TCP4 256.2.3.4 1.2.3.4 1 2\r\n", .badLine(.address)),
            ("PROXY TCP4 ::1 ::1 1 2\r\n", .badLine(.address)),
            ("PROXY TCP4 1.2.3.4 ::1 1 2\r\n", .badLine(.address)),
            ("PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n", .badLine(.address)),
            ("PROXY TCP6 1::2::3 ::1 1 2\r\n", .badLine(.address)),
            ("PROXY TCP6 fe80::1%1 ::1 1 2\r\n", .badLine(.address)),
            ("PROXY TCP6 1:2:3:4:5:6:7 ::1 1 2\r\n", .badLine(.address)),
            ("PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n", .badLine(.port)),
            ("PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n", .badLine(.port)),
            ("PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n", .badLine(.port)),
            ("PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n", .badLine(.port)),
            ("PROXY TCP4 1.2.3.4 1.2.3.4 1 \r\n", .badLine(.port)),
            ("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\r\n", .badLine(.port)),
            ("PROXY UNKNOWN" + String(repeating: "x", count: 94), .endlessLine),
            ("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n" + String(repeating: "x", count: 94), .endlessLine),
        ]
    )
    func aWrongLineIsRefused(line: String, error: ProxyHeaderError) {
        #expect(HeaderVerdict(of: Array(line.utf8)).error == error)
    }

    /// CR and LF are characters 106 and 107, or too late.
    @Test func aLineEndsWithin107Bytes() {
        func line(_ count: Int) -> [UInt8] {
            Array("PROXY UNKNOWN ".utf8) + [UInt8](repeating: 0x78, count: count - 16) + [13, 10]
        }
        #expect(HeaderVerdict(of: line(107)).length == 107)
        #expect(HeaderVerdict(of: line(108)).error == .endlessLine)
    }

    @Test func aWrongBlockIsRefused() {
        let block = HeaderSamples.ipv4Block
        func error(_ command: UInt8, _ family: UInt8, _ block: [UInt8], claiming length: Int? = nil)
            -> ProxyHeaderError?
        {
            HeaderVerdict(of: HeaderSamples.binary(command, family, block, claiming: length)).error
        }
        #expect(error(0x11, 0x11, block) == .badCommand(0x11))
        #expect(error(0x22, 0x11, block) == .badCommand(0x22))
        #expect(error(0x31, 0x11, block) == .badCommand(0x31))
        for family: UInt8 in [0x01, 0x10, 0x13, 0x20, 0x30, 0x41, 0xff] {
            #expect(error(0x21, family, block) == .badFamily(family))
        }
        #expect(error(0x21, 0x11, Array(block.dropLast())) == .tooShort(11))
        #expect(error(0x21, 0x21, block) == .tooShort(12))
        #expect(error(0x21, 0x31, [UInt8](repeating: 0, count: 215)) == .tooShort(215))
        #expect(error(0x21, 0x11, block, claiming: 16369) == .tooLong(16385))
        #expect(error(0x20, 0x00, [], claiming: 65535) == .tooLong(65551))
        // TLVs: half a prefix, a value that ends later than the header, and one that leaves a rest.
        #expect(error(0x21, 0x11, block + [1]) == .badTLV)
        #expect(error(0x21, 0x11, block + [1, 0, 1]) == .badTLV)
        #expect(error(0x21, 0x11, block + [1, 0, 1, 7, 9]) == .badTLV)
        // Checksums: a wrong one, one of three bytes, two of them.
        #expect(error(0x21, 0x11, block + [3, 0, 4, 0, 0, 0, 0]) == .badChecksum)
        #expect(error(0x21, 0x11, block + [3, 0, 3, 0, 0, 0]) == .badChecksum)
    }

    /// Every byte is judged when it comes, so a peer that speaks another protocol is not waited for.
    @Test func aWrongByteIsRefusedAtOnce() {
        #expect(HeaderVerdict(of: Array("X".utf8)).error == .noSignature)
        #expect(HeaderVerdict(of: [13, 10, 13, 11]).error == .noSignature)
        #expect(HeaderVerdict(of: HeaderSamples.signature + [0x12]).error == .badCommand(0x12))
        #expect(HeaderVerdict(of: HeaderSamples.signature + [0x21, 0x99]).error == .badFamily(0x99))
        #expect(HeaderVerdict(of: HeaderSamples.signature + [0x21, 0x11, 0, 3]).error == .tooShort(3))
    }

    /// A checksum finds every change of one byte, but those that hide it: a header that is LOCAL, or has no addresses, and a
    /// TLV that is none, or another one. Whatever is still taken says the same as a plain reading of the bytes.
    @Test func noSingleByteCanBeChangedUnseen() {
        var random = SplitMix64(seed: 55)
        for round in 0..<60 {
            let header = HeaderSamples.random(&random, family: round % 3, hasChecksum: true)
            let original = header.encoded(as: .v2)
            for index in original.indices {
                for _ in 0..<4 {
                    var bytes = original
                    bytes[index] ^= UInt8.random(in: 1...255, using: &random)
                    guard let taken = HeaderVerdict(of: bytes).header else { continue }
                    #expect(!taken.tlvs.hasChecksum)
                    #expect(taken.endpoints == nil || index >= 16 + header.endpoints!.blockLength)
                }
            }
        }
    }

    /// A line that is taken though a byte of it was changed is another right line: written again, it is the same.
    @Test func aChangedLineIsRefusedOrRight() {
        var random = SplitMix64(seed: 56)
        for _ in 0..<4 {
            let original = HeaderSamples.random(&random, family: 0).encoded(as: .v1)
            for index in original.indices {
                for byte in UInt8.min...UInt8.max where byte != original[index] {
                    var bytes = original
                    bytes[index] = byte
                    guard let taken = HeaderVerdict(of: bytes).header else { continue }
                    #expect(taken.encoded(as: .v1) == bytes)
                }
            }
        }
    }

    @Test func randomBytesNeverTrapAndAreNeverTaken() {
        var random = SplitMix64(seed: 57)
        for _ in 0..<5000 {
            let noise = (0..<Int.random(in: 1...64, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            #expect(HeaderVerdict(of: noise).header == nil)
            // After a right beginning, anything may be right; it must only not trap.
            _ = HeaderVerdict(of: HeaderSamples.signature + [0x21, 0x11, 0, UInt8(noise.count)] + noise)
            _ = HeaderVerdict(of: Array("PROXY TCP6 ".utf8) + noise + [13, 10])
        }
    }
}

extension ProxyHeader.Endpoints {
    /// Bytes of both addresses in version 2.
    fileprivate var blockLength: Int {
        switch source {
        case .ipv4: 12
        case .ipv6: 36
        case .unix: 216
        }
    }
}
