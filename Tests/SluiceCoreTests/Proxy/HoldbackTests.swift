import SluiceControl
import Testing

@testable import SluiceCore

@Suite struct HoldbackTests {
    private let holdback = Holdback(share: 0.05)
    private let period = ActuatorTrial.groupPeriod

    private func client(_ number: UInt32, port: UInt16 = 1) -> SocketAddress {
        .ipv4((0x0A00_0000 + number).bigEndian, port: port)
    }

    @Test func aClientsConnectionsGoTogether() {
        for number in 0..<200 as Range<UInt32> {
            let arms = (0..<50 as Range<UInt64>).map { id in
                holdback.arm(of: id, from: client(number, port: UInt16(id)), acceptedAt: period + id)
            }
            #expect(Set(arms).count == 1)
        }
    }

    @Test func theShareOfTheClientsIsHeldBack() {
        let held = (0..<10_000 as Range<UInt32>).count {
            holdback.arm(of: 1, from: client($0), acceptedAt: 0) == .kernel
        }
        #expect((400...600).contains(held))
    }

    /// Nobody is left out for good, and nobody is always among them.
    @Test func everyPeriodDrawsAnew() {
        for number in 0..<20 as Range<UInt32> {
            let held = (0..<10_000 as Range<UInt64>).count {
                holdback.arm(of: 1, from: client(number), acceptedAt: $0 * period) == .kernel
            }
            #expect((400...600).contains(held))
        }
    }

    @Test func clientsOnThisHostAreDrawnOneByOne() throws {
        let local = [
            SocketAddress.ipv4(UInt32(0x7F00_0001).bigEndian, port: 9),
            try #require(SocketAddress(literal: "::1", port: 9)), .unix(""),
        ]
        for client in local {
            let held = (0..<10_000 as Range<UInt64>).count {
                holdback.arm(of: 3 << 48 | $0, from: client, acceptedAt: 0) == .kernel
            }
            #expect((400...600).contains(held))
        }
    }

    @Test func aNetworkOfIPv6IsOneClient() throws {
        func group(_ host: String) throws -> UInt64 {
            let client = try #require(SocketAddress(literal: host, port: 1))
            return Holdback.group(of: 1, from: client, acceptedAt: 0)
        }
        #expect(try group("2001:db8::1") == group("2001:db8::2"))
        #expect(try group("2001:db8::1") != group("2001:db8:0:1::1"))
        // The same host, whichever socket it has reached.
        #expect(try group("::ffff:10.0.0.1") == group("10.0.0.1"))
    }

    @Test func aShareOfNothingIsNobody() {
        let nobody = Holdback(share: 0)
        #expect(
            (0..<1000 as Range<UInt32>).allSatisfy {
                nobody.arm(of: 1, from: client($0), acceptedAt: 0) == .adaptive
            }
        )
    }
}
