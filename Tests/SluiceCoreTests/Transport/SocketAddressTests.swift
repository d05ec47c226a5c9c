import Glibc
import SluiceRandom
import Testing

@testable import SluiceCore

@Suite struct SocketAddressTests {
    private func roundTrip(_ address: SocketAddress) -> SocketAddress? {
        address.withSockaddr { SocketAddress(UnsafeRawPointer($0), length: $1) }
    }

    @Test func theKernelsFormHoldsEveryAddress() {
        var random = SplitMix64(seed: 13)
        for _ in 0..<500 {
            let port = UInt16.random(in: 0...(.max), using: &random)
            let path = String((0..<Int.random(in: 0...107, using: &random)).map { _ in "x" })
            let addresses: [SocketAddress] = [
                .ipv4(.random(in: 0...(.max), using: &random), port: port),
                .ipv6(
                    .random(in: 0...(.max), using: &random),
                    .random(in: 0...(.max), using: &random),
                    port: port,
                    scope: .random(in: 0...(.max), using: &random)
                ),
                .unix(path),
            ]
            for address in addresses {
                #expect(roundTrip(address) == address)
                #expect(
                    address.withSockaddr { pointer, _ in Int32(pointer.pointee.sa_family) } == address.family
                )
                #expect(address.isTCP == (address.family != AF_UNIX))
            }
        }
    }

    @Test func theKernelReadsWhatWeWrite() {
        let address = SocketAddress(literal: "192.0.2.5", port: 0x1234)!
        address.withSockaddr { pointer, length in
            #expect(length == 16)
            let bytes = Array(UnsafeRawBufferPointer(start: pointer, count: 8))
            #expect(bytes[2...] == [0x12, 0x34, 192, 0, 2, 5])
        }
    }

    @Test func anUnknownFamilyIsNone() {
        var address = sockaddr()
        address.sa_family = sa_family_t(AF_PACKET)
        withUnsafePointer(to: &address) { #expect(SocketAddress(UnsafeRawPointer($0), length: 16) == nil) }
        #expect(SocketAddress(literal: "localhost", port: 1) == nil)
        #expect(SocketAddress(literal: "127.0.0.256", port: 1) == nil)
    }

    @Test func aHostHasNoPortAndOneSpelling() {
        func host(_ text: String, _ port: UInt16) -> SocketAddress {
            SocketAddress(literal: text, port: port)!.host
        }
        #expect(host("192.0.2.1", 5) == host("192.0.2.1", 6))
        #expect(host("::ffff:192.0.2.1", 5) == host("192.0.2.1", 6))
        #expect(host("::ffff:192.0.2.1", 5) != host("192.0.2.2", 5))
        // IPv4-compatible is not IPv4-mapped.
        #expect(host("::192.0.2.1", 5) != host("192.0.2.1", 5))
        #expect(host("2001:db8::1", 5) == host("2001:db8::1", 6))
        #expect(host("2001:db8::1", 5) != host("2001:db8::2", 5))
        #expect(SocketAddress.unix("/a").host == SocketAddress.unix("").host)
        let scoped = { SocketAddress.ipv6(1, 2, port: 3, scope: $0).host }
        #expect(scoped(1) != scoped(2), "one link-local address on two links is two hosts")
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.255.0.9", true), ("128.0.0.1", false), ("1.0.0.127", false),
        ("::1", true), ("::", false), ("::2", false), ("100::1", false),
    ])
    func loopbackIsKnown(literal: String, expected: Bool) {
        #expect(SocketAddress(literal: literal, port: 1)!.isLoopback == expected)
    }

    @Test func descriptionsAreWhatAnOperatorWrites() {
        func text(_ literal: String) -> String { SocketAddress(literal: literal, port: 80)!.description }
        #expect(text("127.0.0.1") == "127.0.0.1:80")
        #expect(text("2001:0db8:0:0::1") == "[2001:db8::1]:80")
        #expect(text("::ffff:192.0.2.1") == "192.0.2.1:80")
        #expect(text("::") == "[::]:80")
        #expect(SocketAddress.unix("/run/x").description == "unix:/run/x")
        #expect(!SocketAddress.unix("/run/x").isLoopback)
        guard case .ipv6(let high, let low, _, _) = SocketAddress(literal: "fe80::1", port: 80)! else {
            Issue.record("fe80::1 is IPv6")
            return
        }
        #expect(SocketAddress.ipv6(high, low, port: 80, scope: 3).description == "[fe80::1%3]:80")
    }
}
