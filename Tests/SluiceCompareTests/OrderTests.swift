import Testing

@testable import SluiceCompare

@Suite struct OrderTests {
    private let candidates = Candidate.standard

    @Test func `every round has every candidate, and begins with another one`() {
        let rotation = Rotation(candidates, seed: 7)
        let rounds = (1...candidates.count).map { rotation.candidates(round: $0) }
        #expect(rounds.allSatisfy { Set($0) == Set(candidates) && $0.count == candidates.count })
        #expect(Set(rounds.compactMap(\.first)) == Set(candidates))
        #expect(rotation.candidates(round: candidates.count + 1) == rounds[0])
    }

    @Test func `the seed decides the order`() {
        let orders = (0..<20).map { Rotation(candidates, seed: $0).candidates(round: 1) }
        #expect(Rotation(candidates, seed: 3).candidates(round: 1) == orders[3])
        #expect(Set(orders).count > 10)
    }

    @Test func `one candidate is first in every round`() {
        #expect(Rotation([.kernel], seed: 1).candidates(round: 5) == [.kernel])
    }

    @Test func `words and seeds make seeds of their own, the same ones for ever`() {
        let seeds = [
            Seeds.derive(1, "a", "1"), Seeds.derive(1, "a", "2"), Seeds.derive(2, "a", "1"),
            Seeds.derive(1, "b", "1"),
        ]
        #expect(Set(seeds).count == seeds.count)
        #expect(Seeds.derive(1, "rr-dsl", "1") == Seeds.derive(1, "rr-dsl", "1"))
    }
}
