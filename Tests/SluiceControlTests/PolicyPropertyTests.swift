import Foundation
import SluiceControl
import Testing

/// What the policy promises, on hundreds of random paths beside the kernel alone: bounds are stated once, in each test, and hold
/// in the share of the seeds that is stated there.
@Suite(.enabled(if: runsSimulations)) struct PolicyPropertyTests {
    /// One figure of a run, and how it stands to its bound: less is better.
    private typealias Figure = (name: String, value: Double, bound: Double)

    /// How many thirds of the usual seeds: `SLUICE_SEEDS=30` takes minutes, and is for whoever changes the policy.
    private static let thoroughness = UInt64(ProcessInfo.processInfo.environment["SLUICE_SEEDS"] ?? "") ?? 1

    /// The same case without a policy, run when somebody asks.
    private final class Baseline {
        private let name: Scenario.Case
        private let seed: UInt64
        lazy var run: Scenario = {
            let scenario = Scenario(name, seed: seed, policy: .kernel)
            scenario.run()
            return scenario
        }()

        init(_ name: Scenario.Case, seed: UInt64) {
            self.name = name
            self.seed = seed
        }
    }

    /// Runs the seeds, and expects all figures within their bounds in `share` of them.
    ///
    /// `missing` is how the policy falls short of that today: the share of the usual seeds, taken thirty times (`SLUICE_SEEDS=30`),
    /// that is outside. Then the aim is a known issue, and what must not happen is that clearly more are outside than that.
    private func expect(
        _ name: Scenario.Case,
        seeds: UInt64,
        share: Double = 0.95,
        missing: Double? = nil,
        figures: (_ adaptive: Scenario, _ kernel: Baseline) -> [Figure]
    ) {
        let count = max(3, seeds * Self.thoroughness / 3)
        let failed = (0..<count).compactMap { seed -> String? in
            let adaptive = Scenario(name, seed: seed, policy: .adaptive)
            adaptive.run()
            let missed = figures(adaptive, Baseline(name, seed: seed)).filter { !($0.value <= $0.bound) }
            guard !missed.isEmpty else { return nil }
            let texts = missed.map { String(format: "%@ %.4g > %.4g", $0.name, $0.value, $0.bound) }
            return "\(adaptive.description): \(texts.joined(separator: "; "))"
        }
        let story = "\(name): \(failed.count) of \(count) failed:\n\(failed.joined(separator: "\n"))"
        let isReached = Double(failed.count) <= (1 - share) * Double(count) + 1e-9
        guard let missing else {
            #expect(isReached, "\(story)")
            return
        }
        withKnownIssue("the policy does not reach this bound on every path yet", isIntermittent: true) {
            #expect(isReached, "\(story)")
        }
        #expect(failed.count <= Self.most(of: count, with: missing), "more than before: \(story)")
    }

    /// How many of `count` seeds may be outside where `share` of all are: two standard deviations more than the mean.
    private static func most(of count: UInt64, with share: Double) -> Int {
        let mean = Double(count) * share
        return Int((mean + 2 * (mean * (1 - share)).squareRoot()).rounded(.up))
    }

    /// The inverse of a ratio that has to reach a bound, so that less is better here, too.
    private func least(_ name: String, _ value: Double, of whole: Double, _ share: Double) -> Figure {
        (name + " short by", 1 - value / whole, 1 - share)
    }

    /// What a direction may hold at most: three times what fills its path, in memory that is half payload, and never more
    /// than the ceiling; and two megabytes for the ring and the last write.
    private func memory(_ scenario: Scenario) -> Figure {
        let bound = min(6 * scenario.path.bandwidthDelayProduct, Double(64 << 20)) + Double(2 << 20)
        return ("memory", Double(scenario.steadyMemory), bound)
    }

    /// On a path below 3 ms the kernel sends up to 64 KB at once, however it is paced: on a slow line no bound of milliseconds holds.
    @Test(arguments: [(Scenario.Case.bloatedDownload, 0.3), (.bloatedUpload, 0.07)])
    func aBloatedQueueStaysShort(name: Scenario.Case, missing: Double) {
        expect(name, seeds: 20, missing: missing) { adaptive, kernel in
            [
                ("p95", adaptive.latency(0.95), adaptive.latencyBound()),
                least("goodput", adaptive.goodput(), of: kernel.run.goodput(), 0.96),
            ]
        }
    }

    @Test func aLongFatPathIsFilled() {
        expect(.longFat, seeds: 4) { adaptive, _ in
            [least("goodput", adaptive.goodput(), of: adaptive.path.rate, 0.92), memory(adaptive)]
        }
    }

    @Test func lossDoesNotStarve() {
        expect(.loss, seeds: 20, missing: 0.02) { adaptive, _ in
            [least("goodput", adaptive.goodput(), of: adaptive.path.rate, 0.80)]
        }
    }

    @Test(arguments: [(Scenario.Case.slowReader, 0.43), (.slowClient, 0.43)])
    func slowReadersGetFreshData(name: Scenario.Case, missing: Double) {
        expect(name, seeds: 10, missing: missing) { adaptive, kernel in
            [
                ("age p95", adaptive.age(0.95), kernel.run.age(0.95) / 10),
                least("goodput", adaptive.goodput(), of: kernel.run.goodput(), 0.95),
                ("memory", Double(adaptive.steadyMemory), Double(kernel.run.steadyMemory) / 5),
            ]
        }
    }

    @Test func aReaderThatSpeedsUpIsServed() {
        expect(.readerSpeedsUp, seeds: 10) { adaptive, _ in
            let from = adaptive.change + 10 * adaptive.path.roundTrip
            return [
                least("goodput", adaptive.goodput(from: from, to: from + 1), of: adaptive.path.rate, 0.9)
            ]
        }
    }

    @Test(arguments: [Scenario.Case.rateChange, .routeChange])
    func changesAreFollowed(name: Scenario.Case) {
        expect(name, seeds: 20) { adaptive, _ in
            [
                least("goodput", adaptive.goodput(), of: adaptive.path.rate, 0.9),
                ("p95", adaptive.latency(0.95), adaptive.latencyBound() / 0.9),
            ]
        }
    }

    @Test func competitionKeepsItsShare() {
        var ratios: [Double] = []
        var lines: [String] = []
        // A single minute says little: even flows of the kernel alone share it by chance.
        for seed in 0..<max(40, 7 * Self.thoroughness / 3) {
            func share(_ policy: Policy) -> Double {
                let scenario = Scenario(.competition, seed: seed, policy: policy)
                scenario.run()
                let other = scenario.network.goodput(
                    scenario.competitor!,
                    from: scenario.start,
                    to: scenario.end
                )
                return scenario.goodput() / (scenario.goodput() + other)
            }
            let (adaptive, kernel) = (share(.adaptive), share(.kernel))
            ratios.append(adaptive / kernel)
            let path = Scenario(.competition, seed: seed, policy: .kernel).description
            lines.append(String(format: "%@: share %.3f, kernel %.3f", path, adaptive, kernel))
        }
        #expect(ratios.percentile(0.5) >= 0.85, "\(ratios.sorted())\n\(lines.joined(separator: "\n"))")
    }

    @Test(arguments: [(Scenario.Case.twoFlows, 0.03), (.eightFlows, 0.12)])
    func flowsShare(name: Scenario.Case, missing: Double) {
        expect(name, seeds: 5, missing: missing) { adaptive, kernel in
            [
                ("1 - Jain", 1 - adaptive.shares().jainIndex, 0.05),
                least("goodput", adaptive.goodput(), of: kernel.run.goodput(), 0.95),
                ("p95", adaptive.latency(0.95), max(kernel.run.latency(0.95) / 2, adaptive.latencyBound())),
            ]
        }
    }

    @Test func neverWorse() {
        var goodputs: [Double] = []
        expect(.any, seeds: 100, missing: 0.08) { adaptive, kernel in
            goodputs.append(adaptive.goodput() / kernel.run.goodput())
            return [
                least("goodput", adaptive.goodput(), of: kernel.run.goodput(), 0.95),
                ("p99", adaptive.latency(0.99), kernel.run.latency(0.99) * 1.1),
            ]
        }
        let worst = goodputs.sorted().prefix(10)
        withKnownIssue("two paths of 600 are worse", isIntermittent: true) {
            #expect(goodputs.percentile(0) >= 0.85, "\(worst)")
        }
        #expect(goodputs.percentile(0) >= 0.65, "\(worst)")
    }

    @Test func memoryIsBounded() {
        expect(.any, seeds: 30, share: 1) { adaptive, _ in [memory(adaptive)] }
    }

    @Test func aRadioLinkIsUsed() {
        expect(.radio, seeds: 5, share: 0.9, missing: 0.12) { adaptive, kernel in
            [
                least("goodput", adaptive.goodput(), of: kernel.run.goodput(), 0.95),
                ("p95", adaptive.latency(0.95), kernel.run.latency(0.95)),
            ]
        }
    }

    /// On the move, where the rate falls to nothing and is ten times as high a second later.
    @Test func aMobileLinkIsUsed() {
        expect(.mobile, seeds: 20, missing: 0.41) { adaptive, kernel in
            [
                least("goodput", adaptive.goodput(), of: kernel.run.goodput(), 0.95),
                ("p99", adaptive.latency(0.99), kernel.run.latency(0.99) * 1.1),
            ]
        }
    }

    /// BBR alone takes a quarter more in eight round trips: seconds for a line that is twenty times as fast.
    @Test func aBBRSenderFollowsALineThatHasBecomeFaster() {
        let network = NetworkSimulation(seed: 3)
        let fast = 5e6
        var options = SimulatedLink.Options(
            rate: RateSchedule(fast / 20),
            roundTrip: 0.05,
            queueCapacity: 500_000
        )
        options.rate.change(to: fast, at: 15)
        var host = SimulatedConnection.Options()
        host.congestionControl = .bbr
        let relay = network.addRelay(
            .init(DirectionController(.network, isBornWithBBR: true)),
            to: host,
            over: network.addLink(options),
            path: network.addPath()
        )
        network.run(until: 22)
        let controls = relay.decisions.filter { $0.time > 15 }.map { $0.decision.congestionControl }
        #expect(controls.contains(.reno), "Reno meanwhile")
        #expect(controls.last! == nil, "and BBR again")
        #expect(network.goodput(relay.sink, from: 19, to: 22) >= 0.9 * fast)
    }

    /// From whatever a first path has taught it, the controller finds the second one's best.
    @Test func everyStateIsLeft() {
        expect(.anyState, seeds: 20, missing: 0.12) { adaptive, kernel in
            [
                least("goodput", adaptive.goodput(), of: kernel.run.goodput(), 0.95),
                ("p95", adaptive.latency(0.95), max(kernel.run.latency(0.95), adaptive.latencyBound())),
            ]
        }
    }

    /// In steady state decisions are few, and none of their numbers swings by more than a factor of three.
    @Test(arguments: [Scenario.Case.bloatedDownload, .bloatedUpload, .loss])
    func nothingOscillates(name: Scenario.Case) {
        expect(name, seeds: 10) { adaptive, _ in
            let late = adaptive.relays[0].decisions.filter { $0.time >= adaptive.start }.map(\.decision)
            return [
                ("pacing swings", late.compactMap { $0.pacingRate.map { Double($0) } }.swing, 3),
                ("window swings", late.compactMap { $0.sourceWindow.map { Double($0) } }.swing, 3),
                ("congestion controls", Double(Set(late.map(\.congestionControl)).count), 1),
            ]
        }
    }

    /// Prints the story of one seed: `SLUICE_TIMELINE="rate-change 7" swift test --filter timelineOfOneSeed`. A third word `kernel`
    /// shows the kernel's.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["SLUICE_TIMELINE"] != nil))
    func timelineOfOneSeed() throws {
        let words = (ProcessInfo.processInfo.environment["SLUICE_TIMELINE"] ?? "").split(separator: " ").map(
            String.init
        )
        let name = try #require(
            words.first.flatMap(Scenario.Case.init),
            "one of \(Scenario.Case.allCases.map(\.rawValue))"
        )
        let seed = try #require(words.count > 1 ? UInt64(words[1]) : 0)
        let policy = words.count > 2 && words[2] == "kernel" ? Policy.kernel : .adaptive
        let scenario = Scenario(name, seed: seed, policy: policy, keepsSamples: true)
        scenario.run()
        print(scenario.description, "measured from \(scenario.start) to \(scenario.end)")
        for relay in scenario.relays { Timeline.show(relay) }
        print("goodput Mbit/s:", scenario.shares().map { $0 / 125_000 })
        print("latency ms, p50 p95 p99:", [0.5, 0.95, 0.99].map { scenario.latency($0) * 1000 })
        print("bound of p95:", scenario.latencyBound() * 1000)
    }
}

extension [Double] {
    /// The largest over the smallest; 1 of nothing.
    fileprivate var swing: Double {
        guard let least = self.min(), let most = self.max(), least > 0 else { return 1 }
        return most / least
    }
}
