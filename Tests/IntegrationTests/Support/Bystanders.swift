import Foundation
import Testing

/// Connections that have nothing to do with a fault, and must not notice it: a stream each way that goes on through it, and
/// clients that come and go. Every byte is checked where it arrives, and counted at both ends.
final class Bystanders {
    /// Far from what a machine can do: the fault needs it, too.
    private static let bandwidth = "32M"

    private let echo: EchoOrigin
    private let bulk: Listener
    /// `nil`: TCP on loopback.
    private let directory: URL?
    private var churn: Churn!
    private var flows: [BulkFlow] = []

    /// - Parameter directory: for Unix sockets instead of TCP, for a Sluice in another network namespace. Their paths are
    ///   known before it says them.
    init(inDirectory directory: URL? = nil) throws {
        self.directory = directory
        echo = try EchoOrigin(on: directory?.socket("echo-origin") ?? .loopback(0))
        bulk = try Listener(on: directory?.socket("bulk-origin") ?? .loopback(0))
    }

    /// Their routes, for the configuration.
    var routes: [String] {
        func route(_ name: String, to origin: Endpoint, _ more: String) -> String {
            let listen = directory?.socket(name).description ?? "127.0.0.1:0"
            return "{name: \(name), listen: \"\(listen)\", to: \"\(origin)\"\(more)}"
        }
        return [
            route("echo", to: echo.endpoint, ""),
            route("bulk", to: bulk.endpoint, ", limits: {bandwidth: \(Self.bandwidth)}"),
        ]
    }

    /// Connects all of them, and waits until all of them have had something. `address` tells where a route listens.
    func start(_ address: (String) throws -> Endpoint) throws {
        churn = Churn(to: try address("echo"))
        let download = (client: try Peer.connect(to: try address("bulk")), server: try bulk.accept())
        flows.append(BulkFlow(from: download.server, to: download.client))
        let upload = (client: try Peer.connect(to: try address("bulk")), server: try bulk.accept())
        flows.append(BulkFlow(from: upload.client, to: upload.server))
        try expectProgress()
    }

    /// Waits until every stream has moved on.
    func expectStreamsToGoOn() throws {
        let before = flows.map(\.receivedBytes)
        try waitUntil("the other streams to go on") {
            zip(flows, before).allSatisfy { $0.receivedBytes > $1 }
        }
    }

    /// Waits until every stream has moved on, and new clients were served.
    func expectProgress() throws {
        let before = churn.servedCount
        try expectStreamsToGoOn()
        // One for each of the clients at most was served before this was asked.
        try waitUntil("other clients to be served") { churn.servedCount > before + 3 }
    }

    /// Ends them in order, and throws what any of them has missed.
    func stop() throws {
        _ = try churn.stop()
        for flow in flows { try flow.stop() }
    }

    /// Expects Sluice's own account, after the end, to be the same as theirs: every connection was completed, no byte is missing
    /// and none too many.
    func expectAccount(sourceLocation: SourceLocation, _ metrics: () throws -> Metrics) throws {
        func closed(_ route: String, _ metrics: Metrics, _ reason: [String: String] = [:]) throws -> Double {
            try metrics.sum("sluice_connections_closed_total", reason.merging(["route": route]) { $1 })
        }
        let served = Double(churn.servedCount)
        try waitUntil("the bystanders' ends") {
            let metrics = try metrics()
            return try closed("echo", metrics) == served && closed("bulk", metrics) == 2
        }
        let metrics = try metrics()
        for (route, count) in [("echo", served), ("bulk", 2)] {
            #expect(
                try closed(route, metrics, ["reason": "completed"]) == count,
                sourceLocation: sourceLocation
            )
        }
        for (direction, flow) in zip(["downstream", "upstream"], flows) {
            #expect(
                try metrics.sum("sluice_relayed_bytes_total", ["route": "bulk", "direction": direction])
                    == Double(flow.receivedBytes),
                sourceLocation: sourceLocation
            )
        }
    }
}

/// Runs Sluice with a route named `service`, on which `body` makes something go wrong, and bystanders on the same event loop.
/// They must go on after it, and none of them may have lost a connection or a byte.
/// - Parameters:
///   - listen, origin, route: as `service` has them; `route` is more lines, as YAML.
///   - global: more lines for the top level, as YAML.
///   - extraRoutes: more routes, as YAML.
///   - directory: for the sockets of the bystanders and the admin server, if Sluice runs in another network namespace.
func withBystanders(
    listen: String = "127.0.0.1:0",
    to origin: Endpoint,
    route: String = "",
    global: String = "",
    inDirectory directory: URL? = nil,
    extraRoutes: [String] = [],
    launcher: [String] = [],
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (SluiceProcess, Bystanders) throws -> Void
) throws {
    let bystanders = try Bystanders(inDirectory: directory)
    let configuration = """
        workers: 1
        drain: 5s
        admin: {listen: "\(directory?.socket("admin").description ?? "127.0.0.1:0")"}
        log: {format: json}
        \(global)
        routes:
          - name: service
            listen: "\(listen)"
            to: "\(origin)"\(route.split(separator: "\n").map { "\n    \($0)" }.joined())
        \((bystanders.routes + extraRoutes).map { "  - \($0)" }.joined(separator: "\n"))
        """
    try withSluice(configuration: configuration, launcher: launcher, sourceLocation: sourceLocation) {
        sluice in
        try bystanders.start { try sluice.listener(of: $0) }
        try body(sluice, bystanders)
        try bystanders.expectProgress()
        try bystanders.stop()
        try bystanders.expectAccount(sourceLocation: sourceLocation) { try sluice.metrics() }
    }
}

extension SluiceProcess {
    /// Waits until `count` connections of the route at fault have ended for this reason.
    func expectEnds(_ count: Int, _ reason: String) throws {
        try waitForMetric("sluice_connections_closed_total", ["route": "service", "reason": reason]) {
            $0 == Double(count)
        }
    }

    /// Waits until the route at fault has no connection any more.
    func expectNoneLeft() throws {
        try waitForMetric("sluice_connections", ["route": "service"]) { $0 == 0 }
    }
}

extension URL {
    /// A Unix socket in this directory.
    func socket(_ name: String) -> Endpoint { .unix(path: appendingPathComponent(name).path) }
}
