import ArgumentParser

/// `sluice bench`: measures a path, with or without a proxy on it.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure throughput, latency, token streams and freshness, much as iperf3 does.",
        discussion: """
            On one machine:      sluice bench server
            On the other:        sluice bench client HOST -t 10
            Alone, on one host:  sluice bench client --link dsl-bloated -t 10
            Through a proxy:     let it connect to the server's port, and name the proxy's address as HOST:PORT
            In a box:            sluice bench compare
            """,
        subcommands: [
            BenchServerCommand.self, BenchClientCommand.self, BenchRequestCommand.self,
            BenchCompareCommand.self, BenchOrderedCommand.self,
        ]
    )
}
