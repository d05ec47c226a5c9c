import Foundation
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

    /// Nowhere else an operator finds what holds where the file says nothing.
    @Test func theTableOfTheReadmeIsThisOne() throws {
        let readme = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "README.md")
        let lines = try String(contentsOf: readme, encoding: .utf8).split(separator: "\n")
        for (flowClass, targets) in ClassTargets.table {
            let row = try #require(lines.first { $0.hasPrefix("| `\(flowClass.rawValue)` |") })
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            let unsent = try #require(targets.startupNotSentLowat) >> 10
            let timeouts = [targets.connectTimeout, targets.idleTimeout, targets.halfClosedTimeout]
            let stated = [text(targets.queueBudget), "\(unsent) KiB"] + timeouts.map(text)
            #expect(Array(cells.dropFirst(2)) == stated)
        }
    }

    /// In the largest unit that leaves no fraction; days count as hours.
    private func text(_ duration: Duration?) -> String {
        guard let duration else { return "none" }
        let units: [(Duration, String)] = [
            (.seconds(3600), "h"), (.seconds(60), "min"), (.seconds(1), "s"), (.milliseconds(1), "ms"),
        ]
        for (unit, name) in units {
            let count = Int(duration / unit)
            if count > 0, unit * count == duration { return "\(count) \(name)" }
        }
        return "\(duration)"
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
