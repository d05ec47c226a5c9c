import SluiceRandom
import Testing

@testable import SluiceCore

@Suite struct AccessRulesTests {
    private func rules(allow: [String] = [], deny: [String] = []) throws -> AccessRules? {
        AccessRules(
            AccessConfiguration(
                allow: try allow.map { try AddressPrefix(parsing: $0) },
                deny: try deny.map { try AddressPrefix(parsing: $0) }
            )
        )
    }

    private func allowed(_ hosts: [String], by rules: AccessRules?) throws -> [String] {
        let rules = try #require(rules)
        return hosts.filter { rules.allows(SocketAddress(literal: $0, port: 9)!) }
    }

    @Test func withoutARuleThereIsNothingToAsk() throws {
        #expect(try rules() == nil)
    }

    @Test func theLongestPrefixDecides() throws {
        let nested = try rules(allow: ["10.0.0.0/8", "10.1.2.0/24"], deny: ["10.1.0.0/16", "10.1.2.3"])
        let hosts = [
            "10.9.9.9", "10.1.9.9", "10.1.2.9", "10.1.2.3", "192.0.2.1", "::ffff:10.1.2.9", "2001:db8::1",
        ]
        #expect(try allowed(hosts, by: nested) == ["10.9.9.9", "10.1.2.9", "::ffff:10.1.2.9"])
    }

    @Test func whoOnlyDeniesServesTheRest() throws {
        let hosts = ["10.0.0.1", "192.0.2.1", "2001:db8::1", "2001:db9::1", "::1"]
        #expect(
            try allowed(hosts, by: rules(deny: ["10.0.0.0/8", "2001:db8::/32"])) == [
                "192.0.2.1", "2001:db9::1", "::1",
            ]
        )
        #expect(try allowed(hosts, by: rules(deny: ["0.0.0.0/0"])) == ["2001:db8::1", "2001:db9::1", "::1"])
        #expect(try allowed(hosts, by: rules(allow: ["::/0"])) == ["2001:db8::1", "2001:db9::1", "::1"])
    }

    @Test func aUnixSocketsClientHasNoAddress() throws {
        let rules = try #require(try rules(allow: ["10.0.0.0/8"]))
        #expect(rules.allows(.unix("")))
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.0.0.0/8"), ("192.0.2.1", "192.0.2.1/32"), ("0.0.0.0/0", "0.0.0.0/0"),
        ("2001:0DB8::/32", "2001:db8::/32"), ("::1", "::1/128"), ("::/0", "::/0"),
        ("2001:db8::8000:0:0:0/65", "2001:db8:0:0:8000::/65"),
    ]) func aPrefixIsReadAndWritten(text: String, written: String) throws {
        #expect(try AddressPrefix(parsing: text).description == written)
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0/8",
        "10.0.0.1/31",
        "10.0.0.0/8/8", "db.example/8", "::1/64", "10.0.0.0/99999999999999999999",
    ]) func whatIsNoPrefixIsRefused(text: String) {
        #expect(throws: AddressPrefixError.self) { try AddressPrefix(parsing: text) }
    }

    /// Against the plain definition: of all prefixes that hold the address, the longest.
    @Test(arguments: 0..<50) func anyRulesAgreeWithTheDefinition(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        func address() -> UInt32 {
            UInt32.random(in: 0...15, using: &random) << 28 | UInt32.random(in: 0...3, using: &random)
        }
        func text(_ bits: UInt32) -> String {
            (0..<4).map { "\(bits >> (24 - 8 * $0) & 255)" }.joined(separator: ".")
        }
        var plain: [(bits: UInt32, length: Int, allows: Bool)] = []
        for _ in 0..<12 {
            let length = [0, 1, 2, 3, 4, 30, 31, 32].randomElement(using: &random)!
            let bits = length == 0 ? 0 : address() & (UInt32.max << (32 - length))
            if plain.contains(where: { $0.bits == bits && $0.length == length }) { continue }
            plain.append((bits, length, Bool.random(using: &random)))
        }
        let written = plain.map { ("\(text($0.bits))/\($0.length)", $0.allows) }
        let rules = try #require(
            try rules(allow: written.filter(\.1).map(\.0), deny: written.filter { !$0.1 }.map(\.0))
        )
        for _ in 0..<100 {
            let client = address()
            let longest = plain.filter { $0.length == 0 || ($0.bits ^ client) >> (32 - $0.length) == 0 }
                .max { $0.length < $1.length }
            let expected = longest?.allows ?? !plain.contains(where: \.allows)
            #expect(rules.allows(SocketAddress(literal: text(client), port: 1)!) == expected)
        }
    }
}
