// How a test gets a Sluice: with one route or a whole configuration, for the length of a closure.

import Foundation
import Testing

/// Runs Sluice with one route named `service` to `origin`.
/// - Parameters:
///   - route: more lines for the route, as YAML. Unless they name a `holdback`, none is held back: every run is the same.
///   - admin: more keys of `admin`, as YAML.
///   - drain: the value of `drain`, as YAML.
///   - global: more lines for the top level, as YAML.
func withSluice<Result>(
    to origin: Endpoint,
    workers: Int = 2,
    route: String = "",
    global: String = "",
    admin: String = "",
    drain: String = "5s",
    launcher: [String] = [],
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (SluiceProcess) throws -> Result
) throws -> Result {
    try withSluice(
        toOrigins: "\"\(origin)\"",
        workers: workers,
        route: route,
        global: global,
        admin: admin,
        drain: drain,
        launcher: launcher,
        sourceLocation: sourceLocation,
        body
    )
}

/// The same to what `origins` says, as YAML.
func withSluice<Result>(
    toOrigins origins: String,
    workers: Int = 2,
    route: String = "",
    global: String = "",
    admin: String = "",
    drain: String = "5s",
    launcher: [String] = [],
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (SluiceProcess) throws -> Result
) throws -> Result {
    let lines = route.contains("holdback:") ? route : route + "\nholdback: 0%"
    let routeLines = lines.split(separator: "\n").map { "\n    \($0)" }.joined()
    let configuration = """
        workers: \(workers)
        drain: \(drain)
        admin: {listen: "127.0.0.1:0"\(admin.isEmpty ? "" : ", \(admin)")}
        log: {format: json, level: info}
        \(global)
        routes:
          - name: service
            listen: "127.0.0.1:0"
            to: \(origins)\(routeLines)
        """
    return try withSluice(
        configuration: configuration,
        launcher: launcher,
        sourceLocation: sourceLocation,
        body
    )
}

/// Runs Sluice with one route, in front of an origin that the test itself plays.
func withSluice<Result>(
    workers: Int = 2,
    route: String = "",
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (SluiceProcess, Listener) throws -> Result
) throws -> Result {
    let origin = try Listener()
    return try withSluice(
        to: origin.endpoint,
        workers: workers,
        route: route,
        sourceLocation: sourceLocation
    ) { sluice in
        try body(sluice, origin)
    }
}

/// Runs Sluice with a configuration, and waits until it is ready.
func withSluice<Result>(
    configuration: String,
    launcher: [String] = [],
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (SluiceProcess) throws -> Result
) throws -> Result {
    try withTemporaryDirectory { directory in
        let file = try directory.write(configuration + "\n", to: "sluice.yaml")
        return try withSluice(
            arguments: ["run", "--config", file],
            launcher: launcher,
            sourceLocation: sourceLocation
        ) {
            try $0.waitForLog("ready")
            return try body($0)
        }
    }
}

/// Runs `sluice` with these arguments during `body`, and ends it: cleanly after a success, in any case otherwise.
func withSluice<Result>(
    arguments: [String],
    launcher: [String] = [],
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (SluiceProcess) throws -> Result
) throws -> Result {
    try withTemporaryDirectory { logs in
        let sluice = try SluiceProcess(arguments, launcher: launcher, logs: logs)
        do {
            let result = try body(sluice)
            try sluice.stop(sourceLocation: sourceLocation)
            return result
        } catch {
            sluice.kill()
            Issue.record("\(error); its log: \(sluice.errors.tail)", sourceLocation: sourceLocation)
            throw error
        }
    }
}

extension SluiceProcess {
    /// Both ends of a new connection through it: a client's, and the one that `origin` accepted.
    func connect(to origin: Listener) throws -> (client: Peer, server: Peer) {
        let client = try Peer.connect(to: listener())
        return (client, try origin.accept())
    }
}
