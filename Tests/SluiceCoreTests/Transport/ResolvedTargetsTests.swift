import SluiceRandom
import Testing

@testable import SluiceCore

@Suite struct ResolvedTargetsTests {
    private func host(_ last: Int, priority: UInt16 = 0, weight: UInt16 = 0) -> ResolvedTargets.Host {
        .init(
            priority: priority,
            weight: weight,
            addresses: [SocketAddress(literal: "192.0.2.\(last)", port: 1)!]
        )
    }

    /// RFC 2782: over many draws each host of a priority is first as often as its weight says.
    @Test func weightsShareTheFirstPlace() {
        let targets = ResolvedTargets(hosts: [
            host(1, priority: 1, weight: 60), host(2, priority: 1, weight: 30),
            host(3, priority: 1, weight: 10),
            host(4, priority: 2, weight: 100),
        ])
        var random = SplitMix64(seed: 2)
        var firsts: [SocketAddress: Int] = [:]
        for turn in 0..<10_000 {
            let order = targets.order(turn: turn, using: &random)
            #expect(order.count == 4 && order[3] == targets.hosts[3].addresses[0])
            firsts[order[0], default: 0] += 1
        }
        for (host, share) in zip(targets.hosts, [6000, 3000, 1000]) {
            #expect(abs(firsts[host.addresses[0], default: 0] - share) < 400)
        }
    }

    @Test func aWeightOfZeroIsSeldomFirst() {
        let targets = ResolvedTargets(hosts: [host(1, weight: 0), host(2, weight: 99)])
        var random = SplitMix64(seed: 3)
        let firsts = (0..<10_000).filter {
            targets.order(turn: $0, using: &random)[0] == targets.hosts[0].addresses[0]
        }
        #expect((20..<250).contains(firsts.count))
    }

    @Test func familiesKeepTheirOrderAndTheirAddressesTakeTurns() {
        let six = (1...2).map { SocketAddress(literal: "2001:db8::\($0)", port: 1)! }
        let four = (1...3).map { SocketAddress(literal: "192.0.2.\($0)", port: 1)! }
        let targets = ResolvedTargets(hosts: [.init(addresses: six + four)])
        var random = SplitMix64(seed: 4)
        for turn in 0..<12 {
            let order = targets.order(turn: turn, using: &random)
            #expect(Array(order[..<2]) == [six[turn % 2], six[(turn + 1) % 2]])
            #expect(Array(order[2...]) == (0..<3).map { four[(turn + $0) % 3] })
        }
    }

    @Test func nothingLeadsNowhere() {
        var random = SplitMix64(seed: 5)
        #expect(ResolvedTargets(hosts: []).order(turn: 1, using: &random).isEmpty)
        #expect(ResolvedTargets(hosts: []).isEmpty && ResolvedTargets(hosts: [.init(addresses: [])]).isEmpty)
    }
}
