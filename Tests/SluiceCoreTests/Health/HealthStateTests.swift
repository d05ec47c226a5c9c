import SluiceRandom
import Testing

@testable import SluiceCore

@Suite struct HealthStateTests {
    @Test func theFirstResultDecidesAlone() {
        var state = HealthState(rise: 5, fall: 5)
        let hasChanged = state.note(passed: false)
        #expect(hasChanged && !state.isHealthy)
        var other = HealthState(rise: 5, fall: 5)
        let hasOtherChanged = other.note(passed: true)
        #expect(!hasOtherChanged && other.isHealthy)
    }

    @Test func itTakesARowOfResultsToChangeIt() {
        var state = HealthState(rise: 2, fall: 3)
        let results = [true, false, false, true, false, false, false, true, false, true, true]
        let verdicts = results.map { result in
            _ = state.note(passed: result)
            return state.isHealthy
        }
        #expect(verdicts == [true, true, true, true, true, true, false, false, false, false, true])
    }

    /// Against the definition: healthy as long as the last change was followed by no long enough row against it.
    @Test func itIsTheLastRowThatWasLongEnough() {
        var random = SplitMix64(seed: 8)
        for _ in 0..<200 {
            let (rise, fall) = (Int.random(in: 1...4, using: &random), Int.random(in: 1...4, using: &random))
            var state = HealthState(rise: rise, fall: fall)
            var results: [Bool] = []
            for _ in 0..<50 {
                results.append(Bool.random(using: &random))
                _ = state.note(passed: results.last!)
                var expected = results[0]
                for end in results.indices {
                    if end + 1 >= rise, results[(end + 1 - rise)...end].allSatisfy({ $0 }) { expected = true }
                    if end + 1 >= fall, results[(end + 1 - fall)...end].allSatisfy({ !$0 }) {
                        expected = false
                    }
                }
                #expect(state.isHealthy == expected)
            }
        }
    }
}
