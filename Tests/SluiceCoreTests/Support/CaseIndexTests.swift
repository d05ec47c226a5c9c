import SluiceControl
import Testing

@testable import SluiceCore

/// The metric arrays are indexed by these positions.
@Suite struct CaseIndexTests {
    @Test func anIndexIsThePositionInAllCases() {
        #expect(CloseReason.allCases.map(\.index) == Array(CloseReason.allCases.indices))
        #expect(FlowClass.allCases.map(\.index) == Array(FlowClass.allCases.indices))
        #expect(Actuator.allCases.map(\.index) == Array(Actuator.allCases.indices))
        #expect(Direction.allCases.map(\.index) == Array(Direction.allCases.indices))
        #expect(Leg.allCases.map(\.index) == Array(Leg.allCases.indices))
        #expect(Reason.allCases.map(\.index) == Array(Reason.allCases.indices))
        #expect(AcceptPause.allCases.map(\.index) == Array(AcceptPause.allCases.indices))
        #expect(WarmDiscard.allCases.map(\.index) == Array(WarmDiscard.allCases.indices))
    }
}
