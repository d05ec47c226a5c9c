import SluiceRandom
import Testing

@testable import SluiceCore

/// Balancing by simulation: origins that are near or far, with connections that come and go.
@Suite struct BalancerTests {
    private let idle = Balancer.Standing(connections: 0)

    private func shares(of choices: some Sequence<Int>, count: Int) -> [Int] {
        var shares = [Int](repeating: 0, count: count)
        for choice in choices { shares[choice] += 1 }
        return shares
    }

    // MARK: Round robin

    @Test func theTurnsAreSpreadAsNginxSpreadsThem() {
        var balancer = Balancer(.roundRobin, weights: [5, 1, 1])
        let turns = (0..<7).map { _ in balancer.choose(at: 0) { _ in idle }! }
        #expect(turns == [0, 0, 1, 0, 2, 0, 0])
    }

    /// Wherever one begins to count: in as many choices as the weights add up to, each gets its weight.
    @Test func everyWindowHoldsTheWeights() {
        var random = SplitMix64(seed: 1)
        for _ in 0..<50 {
            let weights = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                Int.random(in: 1...20, using: &random)
            }
            let total = weights.reduce(0, +)
            var balancer = Balancer(.roundRobin, weights: weights)
            let turns = (0..<3 * total).map { _ in balancer.choose(at: 0) { _ in idle }! }
            for start in stride(from: 0, through: 2 * total, by: total) {
                #expect(shares(of: turns[start..<start + total], count: weights.count) == weights)
            }
        }
    }

    @Test(arguments: BalanceMethod.allCases)
    func onlyWhoMayBeChosenIsChosen(method: BalanceMethod) {
        var random = SplitMix64(seed: 2)
        var balancer = Balancer(method, weights: [1, 2, 3, 4, 5])
        for now in 0..<5000 as Range<UInt64> {
            let eligible = Set((0..<5).filter { _ in Bool.random(using: &random) })
            let standings = (0..<5).map { _ in
                Balancer.Standing(
                    connections: .random(in: 0...9, using: &random),
                    roundTrip: .random(in: 0...5000, using: &random)
                )
            }
            let choice = balancer.choose(at: now * 100) { eligible.contains($0) ? standings[$0] : nil }
            #expect(choice.map(eligible.contains) ?? eligible.isEmpty)
        }
    }

    // MARK: Least connections

    /// Connections that never end: nowhere is the load higher than one more connection would make it elsewhere.
    @Test func leastConnectionsFillsByWeight() {
        let weights = [1, 2, 5]
        var balancer = Balancer(.leastConnections, weights: weights)
        var counts = [0, 0, 0]
        for _ in 1...800 {
            let choice = balancer.choose(at: 0) { Balancer.Standing(connections: counts[$0]) }
            counts[choice!] += 1
            for (index, other) in [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)] {
                #expect(counts[index] * weights[other] <= (counts[other] + 1) * weights[index])
            }
        }
        #expect(counts == [100, 200, 500])
    }

    /// An origin whose connections last longer gets fewer of them, so that all carry the same.
    @Test func leastConnectionsEvensOutWhatLastsLonger() {
        var random = SplitMix64(seed: 4)
        var balancer = Balancer(.leastConnections, weights: [1, 1])
        var ends: [[Int]] = [[], []]
        var (sums, most) = ([0, 0], 0)
        for now in 0..<4000 {
            for index in ends.indices { ends[index].removeAll { $0 <= now } }
            let choice = balancer.choose(at: 0) { Balancer.Standing(connections: ends[$0].count) }!
            ends[choice].append(now + Int.random(in: 1...40, using: &random) * (choice == 0 ? 1 : 4))
            sums[choice] += 1
            if now > 1000 { most = max(most, abs(ends[0].count - ends[1].count)) }
        }
        // A burst of ends on one side is caught up with within a few choices.
        #expect(most <= 12)
        #expect(Double(sums[0]) / Double(sums[1]) > 3)
    }

    @Test func equalsTakeTurns() {
        var balancer = Balancer(.leastConnections, weights: [1, 1, 1])
        let choices = (0..<300).map { _ in balancer.choose(at: 0) { _ in idle }! }
        #expect(shares(of: choices, count: 3) == [100, 100, 100])
    }

    // MARK: Least RTT

    /// Origins with the round trips given, measured at every choice; `perSecond` choices a second.
    private func simulate(
        roundTrips: [UInt32],
        choices: Int,
        perSecond: UInt64,
        change: (at: Int, to: [UInt32])? = nil
    ) -> [Int] {
        var balancer = Balancer(.leastRTT, weights: roundTrips.map { _ in 1 })
        var estimates = roundTrips.map { _ in RoundTripEstimate() }
        var truth = roundTrips
        return (0..<choices).map { step in
            if let change, step == change.at { truth = change.to }
            let choice = balancer.choose(at: UInt64(step) * 1000 / perSecond) {
                Balancer.Standing(connections: 0, roundTrip: estimates[$0].microseconds)
            }!
            estimates[choice].observe(truth[choice])
            return choice
        }
    }

    @Test func theNearestGetsNearlyAll() {
        let choices = simulate(roundTrips: [40_000, 1000, 80_000], choices: 10_000, perSecond: 100)
        let shares = shares(of: choices, count: 3)
        // 100 s: the far ones are asked at the start, and once in ten seconds.
        #expect(shares[1] > 9970)
        #expect(shares[0] >= 8 && shares[2] >= 8)
    }

    @Test func theEquallyNearShare() {
        let choices = simulate(roundTrips: [1000, 1100, 30_000], choices: 10_000, perSecond: 100)
        let shares = shares(of: choices, count: 3)
        #expect(abs(shares[0] - shares[1]) < 50)
    }

    /// With few connections, exploring must not become the rule.
    @Test func atMostAnEighthExplores() {
        let choices = simulate(roundTrips: [1000, 50_000, 50_000], choices: 800, perSecond: 1)
        #expect(shares(of: choices, count: 3)[0] >= 698)
    }

    @Test func anOriginThatBecomesNearIsFound() {
        let choices = simulate(
            roundTrips: [40_000, 5000],
            choices: 10_000,
            perSecond: 100,
            change: (at: 3000, to: [1000, 5000])
        )
        #expect(shares(of: choices[..<3000], count: 2)[1] > 2950)
        // Asked within ten seconds, and preferred from then on.
        #expect(shares(of: choices[4100...], count: 2)[0] > 5800)
    }

    @Test func aHiccupIsForgiven() {
        var balancer = Balancer(.leastRTT, weights: [1, 1])
        var estimates = [RoundTripEstimate(microseconds: 1000), RoundTripEstimate(microseconds: 20_000)]
        estimates[0].observe(RoundTripEstimate.failureMicroseconds)
        var choices: [Int] = []
        for step in 0..<4000 as Range<UInt64> {
            let choice = balancer.choose(at: step * 10) {
                Balancer.Standing(connections: 0, roundTrip: estimates[$0].microseconds)
            }!
            estimates[choice].observe([1000, 20_000][choice])
            choices.append(choice)
        }
        #expect(shares(of: choices[2000...], count: 2)[0] > 1990)
    }

    @Test func withoutAnyMeasurementItIsLeastConnections() {
        var balancer = Balancer(.leastRTT, weights: [1, 1])
        var counts = [0, 0]
        for _ in 0..<100 {
            counts[balancer.choose(at: 0) { Balancer.Standing(connections: counts[$0]) }!] += 1
        }
        #expect(counts == [50, 50])
    }
}
