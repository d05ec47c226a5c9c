import SluiceLab

/// The tables of one or several results.
struct ReportTables {
    private let results: [BenchResult]

    init(_ results: [BenchResult]) { self.results = results }

    private func name(_ result: BenchResult, _ what: String) -> String {
        results.count == 1 ? what : "\(result.label), \(what)"
    }

    var throughput: Markup {
        let rows = results.flatMap { result in
            result.flowTotals.map { total in
                [
                    name(result, total.direction == .upstream ? "up" : "down"),
                    total.sender.map { Figures.rate($0.bitsPerSecond) } ?? "unknown",
                    total.receiver.map { Figures.rate($0.bitsPerSecond) } ?? "unknown",
                    total.receiver.map { Figures.bytes($0.bytes) } ?? "unknown",
                    "\(total.retransmits)",
                    total.congestionControl,
                ]
            }
        }
        return ReportDocument.table(
            ["Bulk", "sender", "receiver", "received", "retransmits", "congestion control"],
            rows
        )
    }

    var latencies: Markup {
        let rows = results.flatMap { result in
            result.latencies.map { latency -> [String] in
                let histogram = latency.histogram
                let percentiles = [50, 90, 99, 99.9].map { Figures.duration(histogram.percentile($0)) }
                return [name(result, latency.title), "\(histogram.count)"] + percentiles
                    + [Figures.duration(histogram.maximum)]
            }
        }
        return ReportDocument.table(["Latency", "count", "p50", "p90", "p99", "p99.9", "max"], rows)
    }

    var counts: Markup {
        let rows = results.flatMap { result -> [[String]] in
            let counts = Tally.allCases.compactMap { tally -> [String]? in
                let count = result.tally(tally)
                guard count > 0 else { return nil }
                let rate =
                    tally.isRate && result.seconds > 0 ? Figures.number(Double(count) / result.seconds) : ""
                return [name(result, tally.title), "\(count)", rate]
            }
            let trips = [Phase.idle, .loaded].compactMap { phase -> [String]? in
                result.roundTripsPerMinute(phase).map {
                    [name(result, "round trips per minute, \(phase.title)"), Figures.number($0), ""]
                }
            }
            return counts + trips
        }
        return ReportDocument.table(["Count", "in all", "per second"], rows)
    }

    /// The emulated links, a row for each direction.
    var links: Markup {
        let rows = results.flatMap { result -> [[String]] in
            guard let link = result.link else { return [] }
            return LinkDirection.allCases.map { direction in
                let total = link.statistics[direction].total
                let delays = Figures.delays(
                    total.queueDelay,
                    \.p50Milliseconds,
                    \.p90Milliseconds,
                    \.p99Milliseconds,
                    \.maximumMilliseconds
                )
                return [
                    name(result, direction.rawValue), Figures.rate(total.deliveredBitsPerSecond),
                    "\(total.deliveredPackets)",
                ] + delays + [
                    Figures.bytes(UInt64(total.maximumQueuedBytes)), Figures.drops(total.dropped),
                ]
            }
        }
        let titles = [
            "Link", "delivered", "packets", "queue delay p50", "p90", "p99", "max", "longest queue",
            "dropped packets",
        ]
        return ReportDocument.table(titles, rows)
    }

    var cost: Markup {
        let rows = results.map { result -> [String] in
            let observed = result.observed
            return [
                results.count == 1 ? "this run" : result.label,
                observed.map { "\($0.name), \(Figures.number($0.cpuSeconds)) s" } ?? "not observed",
                observed.map { Figures.bytes($0.residentPeak) } ?? "",
                Figures.bytes(result.kernelTCPMemory.mean),
                Figures.bytes(result.kernelTCPMemory.peak),
                "\(Figures.number(result.client.cpuSeconds)) s",
                result.server.map { "\(Figures.number($0.cpuSeconds)) s" } ?? "unknown",
            ]
        }
        let titles = [
            "Cost", "process under test, CPU", "resident, peak", "kernel TCP, mean", "kernel TCP, peak",
            "client CPU",
            "server CPU",
        ]
        return ReportDocument.table(titles, rows)
    }
}
