import Testing

@testable import SluiceBench

@Suite struct PlanTests {
    @Test(arguments: BenchMode.allCases)
    func `the defaults of every mode are valid`(mode: BenchMode) throws {
        try BenchPlan(mode: mode).validate()
    }

    /// A server relies on these: none may come from a client that it cannot serve.
    @Test func `a valid plan is one that a server can afford`() {
        forEachCase(2000) { generator in
            let plan = BenchPlan.random(using: &generator)
            guard (try? plan.validate()) != nil else { return }
            #expect(plan.lanes.count <= BenchPlan.maximumLanes)
            #expect((1...(16 << 20)).contains(plan.blockBytes))
            #expect(plan.blockBytes * plan.lanes.count <= 1 << 30)
            #expect((plan.seconds == nil) != (plan.bytes == nil))
            #expect(!plan.directions.isEmpty)
        }
    }

    @Test func `a problem names the option, its value and the allowed ones`() {
        var plan = BenchPlan(mode: .stream)
        plan.parallel = 0
        #expect(throws: PlanProblem(description: "--parallel is 0, and must be from 1 to 1024 connections")) {
            try plan.validate()
        }
        plan = BenchPlan(mode: .rr, seconds: nil)
        plan.bytes = 10
        let problem = #expect(throws: PlanProblem.self) { try plan.validate() }
        #expect(problem?.description.contains("--mode stream only") == true)
        plan = BenchPlan(mode: .stream, seconds: .nan)
        #expect(throws: PlanProblem.self) { try plan.validate() }
    }

    @Test func `the lanes of a mixed run are its probes, then its bulk`() {
        var plan = BenchPlan(mode: .mixed)
        plan.probes = 2
        plan.directions = [.upstream, .downstream]
        #expect(plan.lanes == [.request, .request, .bulk(.upstream), .bulk(.downstream)])
        plan.probe = .tokens
        #expect(plan.lanes.first == .tokens)
    }

    @Test func `a seed makes the same gaps, and no others`() {
        var plan = BenchPlan(mode: .tokens)
        func gaps(_ plan: BenchPlan, lane: Int = 0, stream: Int = 0) -> [UInt64] {
            var gaps = TokenGaps(plan: plan, lane: lane, stream: stream)
            return (0..<100).map { _ in gaps.next() }
        }
        #expect(gaps(plan) == gaps(plan))
        #expect(gaps(plan) != gaps(plan, lane: 1))
        #expect(gaps(plan) != gaps(plan, stream: 1))
        // 50 tokens per second: from half to one and a half times 20 ms.
        #expect(gaps(plan).allSatisfy { (10_000_000...30_000_000).contains($0) })
        let before = gaps(plan)
        plan.seed = 2
        #expect(gaps(plan) != before)
    }
}
