import SluiceRandom
import Testing

@testable import SluiceCore

@Suite struct AddressPrefixTests {
    private func address(_ host: String, port: UInt16 = 1) -> SocketAddress {
        SocketAddress(literal: host, port: port)!
    }

    @Test(
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true), ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false), ("0.0.0.0/0", "255.255.255.255", true),
            ("0.0.0.0/0", "::1", false), ("::/0", "::1", true), ("::/0", "127.0.0.1", false),
            ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
            ("fe80::1/128", "fe80::1", true), ("fe80::1/128", "fe80::3", false),
        ]
    )
    func itContainsWhatBeginsAlike(prefix: String, host: String, expected: Bool) throws {
        #expect(try AddressPrefix(parsing: prefix).contains(address(host)) == expected)
    }

    @Test func aUnixSocketIsInNone() throws {
        #expect(try !AddressPrefix(parsing: "0.0.0.0/0").contains(.unix("/run/a")))
        #expect(try !AddressPrefix(parsing: "::/0").contains(.unix("")))
    }

    /// Of any address and any length: the address itself is in, one with another bit of the first ones is out.
    @Test func everyBitOfThePrefixCounts() throws {
        var random = SplitMix64(seed: 61)
        for _ in 0..<500 {
            let bits = UInt32.random(in: 0...(.max), using: &random)
            let length = Int.random(in: 1...32, using: &random)
            let first = bits & ~UInt32(UInt64(1) << (32 - length) - 1)
            let text = "\(SocketAddress.ipv4(first.bigEndian, port: 0).hostText)/\(length)"
            let prefix = try AddressPrefix(parsing: text)
            #expect(prefix.description == text)
            #expect(prefix.contains(.ipv4(bits.bigEndian, port: 5)))
            let flipped = bits ^ 1 << UInt32.random(in: UInt32(32 - length)...31, using: &random)
            #expect(!prefix.contains(.ipv4(flipped.bigEndian, port: 5)))
        }
    }

    @Test(
        arguments: [
            "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.1/8",
            "::1/0",
            "::/129", "10.0.0/8", "host/8", "[::]/0", "10.0.0.0/٨", "10.0.0.0/0008", "::ffff:10.0.0.0/104",
        ]
    )
    func otherTextsAreRefused(text: String) {
        #expect(throws: AddressPrefixError.self) { try AddressPrefix(parsing: text) }
    }
}

@Suite struct DestinationRuleTests {
    @Test(
        arguments: [
            ("10.0.0.0/8", "10.1.2.3", 1, true), ("10.0.0.0/8:5432", "10.1.2.3", 5432, true),
            ("10.0.0.0/8:5432", "10.1.2.3", 5433, false), ("10.0.0.0/8:5432", "11.1.2.3", 5432, false),
            ("10.0.0.0/8", "10.1.2.3", 0, false), ("0.0.0.0/0:80-90", "1.2.3.4", 90, true),
            ("0.0.0.0/0:80-90", "1.2.3.4", 91, false), ("[2001:db8::/32]:443", "2001:db8::1", 443, true),
            ("[2001:db8::/32]:443", "2001:db8::1", 80, false), ("2001:db8::/32", "2001:db8::1", 80, true),
            ("[::1]", "::1", 80, true),
        ]
    )
    func itAllowsAPrefixAndPorts(rule: String, host: String, port: UInt16, expected: Bool) throws {
        let destination = try #require(SocketAddress(literal: host, port: port))
        #expect(try DestinationRule(parsing: rule).allows(destination) == expected)
    }

    @Test(arguments: ["10.0.0.0/8", "10.0.0.0/8:1", "10.0.0.0/8:1-2", "[::/0]:1-2", "::/0", "192.0.2.1/32:5"])
    func itsTextReadsBack(text: String) throws {
        #expect(try DestinationRule(parsing: text).description == text)
    }

    @Test(
        arguments: [
            "", ":80", "10.0.0.0/8:", "10.0.0.0/8:0", "10.0.0.0/8:2-1", "10.0.0.0/8:65536", "10.0.0.0/8:1-",
            "10.0.0.0/8:-1", "10.0.0.0/8:a", "[::/0", "[::/0]443", "[::/0]:", "host:80", "10.0.0.0/8:1-2-3",
        ]
    )
    func otherTextsAreRefused(text: String) {
        #expect(throws: DestinationRuleError.self) { try DestinationRule(parsing: text) }
    }
}
