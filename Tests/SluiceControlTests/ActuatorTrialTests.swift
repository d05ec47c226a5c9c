import SluiceControl
import Testing

@Suite struct ActuatorTrialTests {
    private static let slow = ArmScore(goodput: 1, inflation: nil)
    private static let fast = ArmScore(goodput: 10, inflation: nil)

    /// Connections as they come, each of a group of its own.
    private struct Arrivals {
        var trial = ActuatorTrial()
        var count: UInt64 = 0

        mutating func note(
            _ arm: Arm,
            _ score: ArmScore,
            used: ActuatorSet = [],
            group: UInt64? = nil,
            began: UInt64? = nil,
            at time: UInt64
        ) -> ActuatorTrial.Change? {
            count += 1
            let witness = ActuatorTrial.Witness(
                score: score,
                arm: arm,
                group: group ?? count,
                used: used,
                began: began ?? time
            )
            return trial.note(witness, at: time)
        }

        /// Adaptive connections are slow, the kernel's fast, until something changes.
        mutating func punish(
            used: ActuatorSet,
            groups: UInt64 = .max,
            began: UInt64? = nil,
            at time: UInt64
        ) -> ActuatorTrial.Change? {
            for index in 0..<4000 as Range<UInt64> {
                let isHeldBack = index % 20 == 19
                let change = note(
                    isHeldBack ? .kernel : .adaptive,
                    isHeldBack ? ActuatorTrialTests.fast : ActuatorTrialTests.slow,
                    used: isHeldBack ? [] : used,
                    group: groups == .max ? nil : index % groups,
                    began: began,
                    at: time
                )
                if let change { return change }
            }
            return nil
        }
    }

    private func withdrawn(_ change: ActuatorTrial.Change?) -> Actuator? {
        guard case .withdrawn(let withdrawal)? = change else { return nil }
        return withdrawal.actuator
    }

    /// Whole periods, so that every group may count again.
    private func periods(_ count: UInt64) -> UInt64 { count * ActuatorTrial.groupPeriod }

    @Test func theMostIntrusiveGoesFirstThenTheNext() {
        var arrivals = Arrivals()
        let used: ActuatorSet = [.ring, .notSentLowat, .pacing, .congestionControl]
        #expect(withdrawn(arrivals.punish(used: used, at: 0)) == .congestionControl)
        let allowed = arrivals.trial.allowed
        #expect(!allowed.contains(.congestionControl) && allowed.contains(.sendBuffer))
        #expect(withdrawn(arrivals.punish(used: used, at: 1)) == .pacing)
        #expect(withdrawn(arrivals.punish(used: used, at: 2)) == .notSentLowat)
        // What was never used cannot have done it.
        #expect(arrivals.punish(used: used, at: periods(1)) == nil)
        #expect(arrivals.trial.allowed == [.ring, .sendBuffer, .sourceWindow])
    }

    @Test func theVerdictSaysByWhat() throws {
        var arrivals = Arrivals()
        guard case .withdrawn(let withdrawal)? = arrivals.punish(used: .pacing, at: 0) else {
            Issue.record("nothing was withdrawn")
            return
        }
        #expect(withdrawal.verdict.measure == .goodput && withdrawal.verdict.worseShare == 1)
        #expect(withdrawal.probation == ActuatorTrial.probation)
        // The largest bet wins 1.7 * 0.45 each time, and is a third of the stake: so many, and not one less.
        #expect(withdrawal.verdict.ranked == 19)
    }

    @Test func itIsTriedAgainAndEachTimeLater() {
        var arrivals = Arrivals()
        var time: UInt64 = 0
        var wait = ActuatorTrial.probation
        for _ in 0..<12 {
            #expect(withdrawn(arrivals.punish(used: .pacing, at: time)) == .pacing)
            #expect(arrivals.note(.adaptive, Self.slow, at: time + wait - 1) == nil)
            #expect(!arrivals.trial.allowed.contains(.pacing))
            time += wait
            #expect(arrivals.note(.adaptive, Self.slow, at: time) == .readmitted(.pacing))
            #expect(arrivals.trial.allowed == .all)
            wait = min(wait * 2, ActuatorTrial.longestProbation)
        }
    }

    @Test func nothingHappensWithoutHarm() {
        var arrivals = Arrivals()
        for index in 0..<4000 {
            let arm: Arm = index % 20 == 19 ? .kernel : .adaptive
            #expect(arrivals.note(arm, Self.slow, used: .all, at: 0) == nil)
        }
        #expect(arrivals.trial.allowed == .all)
    }

    /// A thousand connections of a few clients are a few witnesses.
    @Test func aGroupCountsOnceAPeriod() {
        var arrivals = Arrivals()
        #expect(arrivals.punish(used: .pacing, groups: 100, at: 0) == nil)
        // The same clients, over and over, do convince in the end.
        let convinced = (1...200 as ClosedRange<UInt64>).contains {
            arrivals.punish(used: .pacing, groups: 100, at: periods($0)) != nil
        }
        #expect(convinced && !arrivals.trial.allowed.contains(.pacing))
    }

    /// They still have what was withdrawn.
    @Test func connectionsFromBeforeAWithdrawalAreNoWitnesses() {
        var arrivals = Arrivals()
        let used: ActuatorSet = [.pacing, .congestionControl]
        #expect(withdrawn(arrivals.punish(used: used, at: 1000)) == .congestionControl)
        #expect(arrivals.punish(used: used, began: 999, at: 2000) == nil)
        #expect(withdrawn(arrivals.punish(used: used, began: 1000, at: 3000)) == .pacing)
    }
}
