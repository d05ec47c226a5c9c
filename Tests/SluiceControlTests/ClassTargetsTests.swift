import SluiceControl
import Testing

/// The table and the ports.
@Suite struct ClassTargetsTests {
    @Test func tableHoldsEveryClassOnce() {
        #expect(ClassTargets.table.map(\.flowClass) == FlowClass.allCases)
        for (flowClass, targets) in ClassTargets.table {
            #expect(targets == ClassTargets[for: flowClass])
            #expect(targets.queueBudget > .zero && targets.connectTimeout > .zero)
            #expect(targets.halfClosedTimeout >= .seconds(30))
            // A model may load for minutes before its first token; nobody wants a cut session either.
            #expect(targets.idleTimeout ?? .seconds(3600) >= .seconds(3600))
        }
    }

    @Test func freshnessBeatsThroughputWhereItShould() {
        #expect(ClassTargets[for: .telemetry].queueBudget < ClassTargets[for: .network].queueBudget)
        #expect(ClassTargets[for: .llm].queueBudget < ClassTargets[for: .network].queueBudget)
    }

    @Test(arguments: [
        (11434 as UInt16, FlowClass.llm), (5432, .database), (3306, .database), (1433, .database),
        (1521, .database),
        (27017, .database), (9042, .database), (6379, .cache), (11211, .cache), (502, .telemetry),
        (1883, .telemetry), (8883, .telemetry), (4840, .telemetry), (20000, .telemetry), (2404, .telemetry),
        (44818, .telemetry), (102, .telemetry), (80, .network), (443, .network), (0, .network),
        (65535, .network),
    ])
    func portsGuess(port: UInt16, flowClass: FlowClass) {
        #expect(ClassGuess.fromPort(port) == flowClass)
    }
}
