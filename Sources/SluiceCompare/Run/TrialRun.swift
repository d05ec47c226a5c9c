import Foundation
import SluiceBench
import SluiceLab

/// One trial from its hosts to its numbers.
struct TrialRun {
    var scenario: Scenario
    var candidate: Candidate
    /// For the best static setting.
    var best: StaticSetting?
    /// From 1. 0: of a sweep.
    var round: Int
    /// Of the whole comparison.
    var seed: UInt64
    var congestionControl: String
    var stop: Gate

    /// What the clients may take on top of the scenario's time: connecting, and getting the last data out of a queue.
    private static let grace = 30.0

    /// What happens in the trial costs only the trial: its record says so. Throws only `Stopped`. Blocks its thread.
    func run() throws(Stopped) -> Trial {
        var trial = Trial(
            candidate: candidate.name,
            round: round,
            seed: Seeds.derive(seed, scenario.name, "\(round)")
        )
        do {
            try measure(&trial)
        } catch is Stopped {
            throw Stopped()
        } catch {
            trial.failure = "\(error)"
            trial.values = [:]
        }
        return trial
    }

    private func measure(_ trial: inout Trial) throws {
        let links = scenario.links.enumerated().map { index, link in
            var link = link
            link.seed = Seeds.derive(trial.seed, "link", "\(index)")
            return link
        }
        let stand = try TestStand(links, congestionControl: congestionControl, stop: stop)
        defer { stand.tearDown() }
        let services = try scenario.load.services(in: stand.scratch.path)
        for service in services { try stand.serve(service) }
        let routes = routes(to: services, in: stand)
        let proxy = try candidate.proxy(for: routes, best: best, in: stand.scratch.path).map {
            try stand.serve($0, on: stand.proxyHost, ports: routes.map(\.listenPort))
        }
        // A drain would only wait for connections that nobody uses any more.
        defer { proxy?.process.signal(SIGKILL) }
        let bed = TestBed(
            endpoints: endpoints(routes, services, in: stand),
            seconds: scenario.seconds,
            seed: trial.seed,
            directory: stand.scratch.path
        )
        let watch = try proxy.map { try ProxyWatch($0.process, on: stand.proxyHost, routes: routes) }
        for link in stand.network.links { link.restartClock() }
        let clients = try scenario.load.clients(bed).map { try stand.start($0, on: stand.clientHost) }
        let deadline = ContinuousClock.now + .seconds(scenario.seconds + Self.grace)
        let outputs = try stand.wait(for: clients, until: deadline) { watch?.sample() }
        trial.proxy = watch?.finish()
        trial.links = stand.network.links.map { $0.statistics() }
        if let exit = proxy?.process.result, let proxy {
            throw TrialError(proxy.program, TrialError.describe(exit), saying: proxy.errors)
        }
        trial.take(try scenario.load.measurements(outputs))
        try check(&trial)
    }

    private func routes(to services: [Service], in stand: TestStand) -> [ProxyRoute] {
        zip(services, TestBed.proxyPorts).map { service, port in
            ProxyRoute(
                name: "route-\(service.port)",
                listenPort: port,
                originHost: stand.address(of: stand.originHost, from: stand.proxyHost),
                originPort: service.port
            )
        }
    }

    private func endpoints(_ routes: [ProxyRoute], _ services: [Service], in stand: TestStand)
        -> [TestBed.Endpoint]
    {
        let target = candidate == .direct ? stand.originHost : stand.proxyHost
        let ports = candidate == .direct ? services.map(\.port) : routes.map(\.listenPort)
        let host = stand.address(of: target, from: stand.clientHost)
        return ports.map { TestBed.Endpoint(host: host, port: $0) }
    }

    private func check(_ trial: inout Trial) throws {
        for measure in scenario.measures where trial.values[measure.id] == nil {
            if trial.proxy == nil, measure.isOfProxy { continue }
            throw TrialError("the load did not measure its \(measure.title)")
        }
        for (index, link) in trial.links.enumerated() {
            let dropped = link.up.total.dropped.emulator + link.down.total.dropped.emulator
            if dropped > 0 {
                trial.warnings.append(
                    "link \(index): the emulator itself dropped \(dropped) packets: the machine is too slow for it"
                )
            }
        }
    }
}

extension Trial {
    fileprivate mutating func take(_ measurements: Measurements) {
        values = measurements.values
        results = measurements.results
        distributions = measurements.distributions
        guard let proxy else { return }
        values[Measure.memoryHeld.id] = Double(proxy.heldPeak)
        if measurements.payloadBytes > 0 {
            values[Measure.cpuPerGigabyte.id] = proxy.cpuSeconds * 1e9 / Double(measurements.payloadBytes)
        }
    }
}
