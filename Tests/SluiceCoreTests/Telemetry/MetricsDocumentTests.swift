import Foundation
import SluiceControl
import Testing

@testable import SluiceCore

/// docs/METRICS.md and the catalog say the same.
@Suite struct MetricsDocumentTests {
    /// A metric as the document's tables have it.
    private struct Row: Hashable {
        var name: String
        var kind: String
        var labels: [String]
    }

    private let text: String

    init() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        text = try String(contentsOf: root.appendingPathComponent("docs/METRICS.md"), encoding: .utf8)
    }

    /// The cells of each table row, without the rows' outer bars.
    private var rows: [[String]] {
        text.split(separator: "\n").filter { $0.hasPrefix("| ") }.map { line in
            line.dropFirst().dropLast().split(separator: "|").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
        }
    }

    private var metricRows: [[String]] {
        rows.filter { $0.count == 5 && ($0[0].hasPrefix("`sluice_") || $0[0].hasPrefix("`process_")) }
    }

    private func unquoted(_ cell: String) -> String {
        cell.trimmingCharacters(in: CharacterSet(charactersIn: "` "))
    }

    @Test func metricsTypesAndLabelsAreTheSame() {
        let documented = metricRows.map { cells in
            Row(
                name: unquoted(cells[0]),
                kind: cells[1],
                labels: cells[3] == "–" ? [] : cells[3].split(separator: ",").map { unquoted(String($0)) }
            )
        }
        let rendered = MetricsCatalog.families.map {
            Row(name: $0.name, kind: $0.kind.rawValue, labels: $0.labels)
        }
        #expect(documented == rendered)
    }

    @Test func unitsFollowTheNames() {
        #expect(!metricRows.isEmpty)
        for cells in metricRows {
            let name = unquoted(cells[0])
            let stem = name.hasSuffix("_total") ? String(name.dropLast("_total".count)) : name
            for unit in ["seconds", "bytes"] {
                #expect(stem.hasSuffix("_\(unit)") == (cells[2] == unit), "\(name)")
            }
            #expect(!cells[4].isEmpty, "\(name) has no meaning")
        }
    }

    @Test func labelValuesAreTheSame() {
        let values = Set(rows.filter { $0.count == 2 }.map { unquoted($0[0]) })
            .subtracting(["reason", "actuator", "step", "result"])
        let cases =
            CloseReason.allCases.map(\.rawValue) + Actuator.allCases.map(\.rawValue)
            + Reason.allCases.map(\.rawValue) + MemoryPressure.allCases.map(\.rawValue)
            + ProxyHeaderResult.allCases.map(\.rawValue) + WarmDiscard.allCases.map(\.rawValue)
            + AcceptPause.allCases.map(\.rawValue)
        #expect(values == Set(cases))
    }

    @Test func theAdviceSpeaksOfMetricsThatExist() {
        let names = Set(MetricsCatalog.families.map(\.name))
        let advice = text.components(separatedBy: "## When it rises").last ?? ""
        let mentioned = advice.split(separator: "`").filter {
            $0.hasPrefix("sluice_") || $0.hasPrefix("process_")
        }
        #expect(!mentioned.isEmpty)
        for name in mentioned { #expect(names.contains(String(name)), "\(name)") }
    }
}
