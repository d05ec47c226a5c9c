import Foundation
import SluiceControl
import SluiceMetrics
import Testing

@testable import SluiceCore

@Suite struct MetricsCatalogTests {
    private let lines = Set(MetricsCatalog.render(.populated()).split(separator: "\n").map(String.init))

    @Test func namesAreUnique() {
        let names = MetricsCatalog.families.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test(arguments: [
        "sluice_connections_opened_total{route=\"db\"} 14",
        "sluice_connections_closed_total{route=\"db\",reason=\"completed\"} 2",
        "sluice_connections_closed_total{route=\"llm\",reason=\"client_limit\"} 36",
        "sluice_connections{route=\"llm\"} 6",
        "sluice_connections_limit{route=\"db\"} 400",
        "sluice_max_connections 10000",
        "sluice_accepting_paused{route=\"db\",reason=\"connection_limit\"} 6",
        "sluice_accepting_paused{route=\"llm\",reason=\"rate_limit\"} 2",
        "sluice_origin_connections_limit{route=\"db\",origin=\"127.0.0.1:5432\"} 50",
        "sluice_queued_connections{route=\"llm\"} 4",
        "sluice_queue_seconds_sum{route=\"db\"} 1.5",
        "sluice_relayed_bytes_total{route=\"db\",direction=\"upstream\"} 2",
        "sluice_relayed_bytes_total{route=\"db\",direction=\"downstream\"} 4",
        "sluice_buffer_bytes{route=\"db\",direction=\"downstream\"} 4096",
        "sluice_unsent_bytes{route=\"db\",leg=\"client\"} 1024",
        "sluice_retransmitted_bytes_total{route=\"db\",leg=\"origin\"} 4",
        "sluice_connect_seconds_count{route=\"db\"} 2",
        "sluice_first_byte_seconds_sum{route=\"db\"} 1",
        "sluice_connection_lifetime_seconds_sum{route=\"db\"} 128",
        "sluice_round_trip_seconds_bucket{route=\"db\",leg=\"origin\",le=\"0.1\"} 0",
        "sluice_round_trip_seconds_bucket{route=\"db\",leg=\"origin\",le=\"0.25\"} 2",
        "sluice_connect_failures_total{route=\"db\"} 4",
        "sluice_socket_option_failures_total{route=\"db\"} 2",
        "sluice_decisions_total{route=\"db\",actuator=\"ring\",reason=\"startup\"} 2",
        "sluice_decisions_total{route=\"db\",actuator=\"notsent_lowat\",reason=\"class_changed\"} 20",
        "sluice_actuator_available{actuator=\"pacing\"} 1",
        "sluice_actuator_available{actuator=\"send_buffer\"} 0",
        "sluice_origin_connections{route=\"db\",origin=\"127.0.0.1:5432\"} 3",
        "sluice_origin_connects_total{route=\"db\",origin=\"127.0.0.1:5432\"} 11",
        "sluice_origin_connect_failures_total{route=\"db\",origin=\"127.0.0.1:5432\"} 4",
        "sluice_origin_ejections_total{route=\"db\",origin=\"127.0.0.1:5432\"} 2",
        "sluice_resolve_failures_total{route=\"db\",origin=\"127.0.0.1:5432\"} 8",
        "sluice_origin_state{route=\"db\",origin=\"127.0.0.1:5432\",state=\"ejected\"} 1",
        "sluice_origin_state{route=\"db\",origin=\"127.0.0.1:5432\",state=\"available\"} 0",
        "sluice_origin_checks_total{route=\"db\",origin=\"127.0.0.1:5432\",result=\"failed\"} 5",
        "sluice_origin_checks_total{route=\"db\",origin=\"127.0.0.1:5432\",result=\"passed\"} 12",
        "sluice_origin_round_trip_seconds{route=\"db\",origin=\"127.0.0.1:5432\"} 0.25",
        "sluice_arm_bytes_total{route=\"db\",class=\"llm\",arm=\"adaptive\"} 2",
        "sluice_arm_bytes_total{route=\"db\",class=\"database\",arm=\"kernel\"} 8",
        "sluice_arm_active_seconds_total{route=\"db\",class=\"cache\",arm=\"kernel\"} 1",
        "sluice_arm_round_trip_inflation_bucket{route=\"db\",class=\"llm\",arm=\"kernel\",le=\"1.5\"} 2",
        "sluice_arm_retransmitted_bytes_total{route=\"db\",class=\"llm\",arm=\"kernel\"} 2",
        "sluice_arm_connections{route=\"db\",class=\"llm\",arm=\"kernel\"} 4",
        "sluice_arm_memory_bytes{route=\"db\",class=\"llm\",arm=\"kernel\"} 128",
        "sluice_actuator_withdrawals_total{route=\"db\",class=\"llm\",actuator=\"pacing\"} 6",
        "sluice_actuator_readmissions_total{route=\"db\",class=\"llm\",actuator=\"pacing\"} 6",
        "sluice_workers 2",
        "sluice_loop_lag_seconds_count{worker=\"0\"} 1",
        "sluice_loop_lag_seconds_count{worker=\"1\"} 1",
        "sluice_accept_paused_total{reason=\"connection_limit\"} 10",
        "sluice_accept_paused_total{reason=\"descriptors\"} 12",
        "sluice_buffer_waits_total 16",
        "sluice_accept_paused_total{reason=\"rate_limit\"} 14",
        "sluice_memory_pressure_total{step=\"short_lease\"} 2",
        "sluice_memory_pressure_total{step=\"no_lease\"} 6",
        "sluice_paced_reads_total{route=\"db\"} 8",
        "sluice_pool_bytes 8192",
        "sluice_memory_in_use_bytes 6144",
        "sluice_memory_ceiling_bytes 1048576",
        "sluice_log_lines_dropped_total 9",
        "sluice_ready 1",
        "sluice_reloads_total{result=\"applied\"} 2",
        "sluice_reloads_total{result=\"refused\"} 4",
        "sluice_configuration_refused 1",
        "sluice_configuration_generation 3",
        "sluice_configuration_time_seconds 1700000100",
        "sluice_start_time_seconds 1700000000.5",
        "process_cpu_seconds_total 1.5",
        "process_resident_memory_bytes 2097152",
        "process_open_fds 12",
        "process_max_fds +Inf",
        "process_start_time_seconds 1700000000",
    ]) func everyFigureIsShown(line: String) {
        #expect(lines.contains(line))
    }

    @Test func buildInformationNamesWhatRuns() {
        let labels = "version=\"\(SluiceVersion.sluice)\",libuv=\"\(SluiceVersion.libuv)\""
        #expect(lines.contains("sluice_build_info{\(labels),kernel=\"\(SluiceVersion.kernel)\"} 1"))
    }

    @Test func seriesExistAtZero() {
        let text = MetricsCatalog.render(MetricsSnapshot(routeNames: ["db"], workers: []))
        let decisions = text.split(separator: "\n").filter { $0.hasPrefix("sluice_decisions_total{") }
        #expect(decisions.count == Actuator.allCases.count * Reason.allCases.count)
        #expect(text.contains("sluice_connections_closed_total{route=\"db\",reason=\"connect_refused\"} 0\n"))
        #expect(text.contains("sluice_connect_seconds_count{route=\"db\"} 0\n"))
    }

    /// What has no limit is not near it.
    @Test func limitsAreThereOnlyWhereTheyAreSet() {
        var snapshot = MetricsSnapshot.populated()
        snapshot.origins[1].connectionsLimit = nil
        let text = MetricsCatalog.render(snapshot)
        #expect(!text.contains("sluice_connections_limit{route=\"llm\""))
        #expect(!text.contains("sluice_origin_connections_limit{route=\"llm\""))
    }

    @Test func withoutProcThereAreNoProcessSamples() {
        var snapshot = MetricsSnapshot.populated()
        snapshot.process = nil
        #expect(!MetricsCatalog.render(snapshot).contains("\nprocess_"))
    }

    @Test func promtoolHasNothingToSay() throws {
        guard Self.hasPromtool else {
            #expect(
                ProcessInfo.processInfo.environment["CI"] == nil,
                "promtool is missing: install Debian's package prometheus"
            )
            return
        }
        let names = ["db", "a \"quoted\" name", "back\\slash", "two\nlines", "Größe {x=1}"]
        let text = MetricsCatalog.render(.populated(routeNames: names))
        let (status, output) = try checkMetrics(text)
        #expect(status == 0)
        #expect(output == "")
    }

    private static let hasPromtool = system("command -v promtool >/dev/null") == 0

    /// What `promtool check metrics` says of a text, on either stream. Through the shell: Foundation's `Process` leaks.
    private func checkMetrics(_ text: String) throws -> (Int32, String) {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let stream = try #require(popen("promtool check metrics <'\(file.path)' 2>&1", "r"))
        var output: [UInt8] = []
        while case let byte = fgetc(stream), byte != EOF { output.append(UInt8(byte)) }
        return (pclose(stream), String(decoding: output, as: UTF8.self))
    }
}
