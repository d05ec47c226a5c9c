import SluiceControl
import Testing

@testable import SluiceCore

@Suite struct FlowRecordTests {
    private let record = FlowRecord(at: 1_000_000)

    @Test func onlyTheTimeInWhichBytesMovedCounts() throws {
        #expect(record.noteSample(movedBytes: 100_000, at: 1_500_000) == 500_000)
        #expect(record.noteSample(movedBytes: 0, at: 3_000_000) == 0)
        #expect(record.noteSample(movedBytes: 100_000, at: 3_500_000) == 500_000)
        record.noteInflation(1)
        record.noteInflation(2)
        #expect(record.takeScore(isOver: true) == ArmScore(goodput: 200_000, inflation: 1.5))
        // One score a connection.
        #expect(record.takeScore(isOver: true) == nil)
    }

    @Test func aFewBytesAreNoScore() {
        #expect(record.noteSample(movedBytes: 1000, at: 2_000_000) > 0)
        #expect(record.takeScore(isOver: true) == nil)
    }

    @Test func aLongConnectionNeedNotEnd() throws {
        _ = record.noteSample(movedBytes: 1 << 20, at: 30_000_000)
        #expect(record.takeScore(isOver: false) == nil)
        _ = record.noteSample(movedBytes: 1 << 20, at: 31_000_000)
        #expect(record.takeScore(isOver: false) != nil)
    }

    @Test func theLastDecisionsAreKept() {
        #expect(record.decisions.isEmpty)
        for time in 1...20 as ClosedRange<UInt64> {
            record.note(
                DecisionRecord(
                    time: time,
                    direction: .upstream,
                    decision: Decision(
                        reason: time % 2 == 0 ? .networkLimited : .lossLimited,
                        ringBytes: 4096
                    ),
                    changed: .ring,
                    path: PathEstimate(),
                    evidence: nil
                )
            )
            let first = time > 8 ? time - 7 : 1
            #expect(record.decisions.map(\.time) == Array(first...time))
        }
    }

    /// A rate that is adjusted ten times a second would else push out all that came before it.
    @Test func alikeDecisionsOfADirectionAreOne() throws {
        func note(_ time: UInt64, _ direction: Direction, _ reason: Reason, rate: UInt64) {
            var decision = Decision(reason: reason, ringBytes: 4096)
            decision.pacingRate = rate
            record.note(
                DecisionRecord(
                    time: time,
                    direction: direction,
                    decision: decision,
                    changed: .pacing,
                    path: PathEstimate(),
                    evidence: nil
                )
            )
        }
        note(1, .upstream, .startup, rate: 1)
        for time in 2...99 as ClosedRange<UInt64> {
            note(time, time % 2 == 0 ? .upstream : .downstream, .queueBuilding, rate: time)
        }
        note(100, .upstream, .competitor, rate: 100)
        #expect(record.decisions.map(\.since) == [1, 2, 3, 100])
        #expect(record.decisions.map(\.time) == [1, 98, 99, 100])
        #expect(record.decisions.map(\.count) == [1, 49, 49, 1])
        #expect(record.decisions.map(\.decision.pacingRate) == [1, 98, 99, 100])
    }

    @Test func evidenceIsOfTheIntervalAndTheDirection() {
        var sample = LegSample()
        sample.fields = .all
        sample.bytesAcked = 1000
        #expect(record.evidence(of: .upstream, sample, at: 1_100_000) == nil)
        #expect(record.evidence(of: .downstream, sample, at: 1_100_000) == nil)
        _ = record.noteSample(movedBytes: 1, at: 1_100_000)
        sample.bytesAcked = 5000
        let evidence = record.evidence(of: .upstream, sample, at: 1_200_000)
        #expect(evidence?.acknowledged == 4000 && evidence?.interval == 100_000)
    }
}
