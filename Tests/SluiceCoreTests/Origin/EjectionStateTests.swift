import SluiceRandom
import Testing

@testable import SluiceCore

@Suite struct EjectionStateTests {
    private let rules = EjectionState.Rules(failures: 3, time: 1000, longestTime: 5000)

    @Test func onlyFailuresInARowEject() {
        var state = EjectionState()
        for now in 0..<100 as Range<UInt64> {
            let isEjected = [state.failed(at: now, by: rules), state.failed(at: now, by: rules)]
            #expect(isEjected == [false, false])
            state.succeeded(at: now)
        }
        #expect(!state.wantsSuccess)
        let isEjected = (0..<3).map { _ in state.failed(at: 100, by: rules) }
        #expect(isEjected == [false, false, true])
        #expect(state.isEjected(at: 1099) && !state.isEjected(at: 1100))
    }

    @Test func onProbationOneFailureEjectsForTwiceAsLong() {
        var state = EjectionState()
        for _ in 0..<3 { _ = state.failed(at: 0, by: rules) }
        var lengths: [UInt64] = []
        for _ in 0..<5 {
            let now = state.ejectedUntil
            let isEjected = state.failed(at: now, by: rules)
            #expect(isEjected)
            lengths.append(state.ejectedUntil - now)
        }
        #expect(lengths == [2000, 4000, 5000, 5000, 5000])
    }

    @Test func afterAsLongAsTheLastEjectionAllIsForgotten() {
        var state = EjectionState()
        for _ in 0..<3 { _ = state.failed(at: 0, by: rules) }
        _ = state.failed(at: 1000, by: rules)
        #expect(state.ejectedUntil == 3000)
        state.succeeded(at: 4999)
        #expect(state.wantsSuccess)
        state.succeeded(at: 5000)
        #expect(!state.wantsSuccess)
        let isEjected = (0..<3).map { _ in state.failed(at: 5001, by: rules) }
        #expect(isEjected == [false, false, true])
        #expect(state.ejectedUntil == 6001)
    }

    /// One that works now and then, but never for long, is left out more and more.
    @Test func aFlappingOriginKeepsItsBackOff() {
        var state = EjectionState()
        var (now, ejections) = (UInt64(0), 0)
        while ejections < 4 {
            if state.failed(at: now, by: rules) {
                ejections += 1
                now = state.ejectedUntil
                state.succeeded(at: now)
            }
            now += 1
        }
        #expect(state.ejectedUntil >= 1000 + 2000 + 4000 + 5000)
    }

    @Test func whatFailsDuringAnEjectionDoesNotProlongIt() {
        var random = SplitMix64(seed: 3)
        var state = EjectionState()
        for _ in 0..<3 { _ = state.failed(at: 0, by: rules) }
        for _ in 0..<100 {
            let now = UInt64.random(in: 0..<1000, using: &random)
            let isEjectedAgain = state.failed(at: now, by: rules)
            #expect(!isEjectedAgain)
            state.succeeded(at: now)
        }
        #expect(state.ejectedUntil == 1000)
    }
}
