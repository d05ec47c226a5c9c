import SluiceConfig
import SluiceControl
import SluiceCore

/// Writes a configuration as YAML, the way round that the product does not need.
enum ConfigurationText {
    static func write(_ configuration: Configuration) -> String {
        """
        workers: \(configuration.workers.map(String.init) ?? "auto")
        memory: \(SizeText(bytes: configuration.memoryBytes))
        max_connections: \(configuration.maxConnections.map(String.init) ?? "auto")
        drain: \(write(configuration.drain))
        dns: {refresh: \(DurationText(configuration.dnsRefresh)), removed_addresses: \(configuration.removedAddresses.rawValue)}
        admin: \(configuration.admin.map(write) ?? "off")
        log: {format: \(configuration.log.format.rawValue), level: \(configuration.log.level.rawValue)}
        classes:
        \(FlowClass.allCases.compactMap { write($0, configuration.classes[$0]) }.joined(separator: "\n"))
        routes:
        \(configuration.routes.map(write).joined(separator: "\n"))

        """
    }

    private static func write(_ admin: AdminConfiguration) -> String {
        let token = admin.tokenFile.map { ", token_file: '\($0)'" } ?? ""
        return "{listen: \(quoted(admin.listen)), write: \(admin.allowsWriting)\(token)}"
    }

    /// As a duration alone where that says it all.
    private static func write(_ drain: DrainConfiguration) -> String {
        let deadline = DurationText(drain.deadline).description
        guard drain.grace != .zero || drain.window != .zero || drain.removedOrigins != .keep else {
            return deadline
        }
        let times = "grace: \(DurationText(drain.grace)), window: \(DurationText(drain.window))"
        return "{deadline: \(deadline), \(times), removed_origins: \(drain.removedOrigins.rawValue)}"
    }

    private static func write(_ route: RouteConfiguration) -> String {
        """
        - name: \(route.name)
          listen: [\(route.listen.map(write).joined(separator: ", "))]
          \(writeOrigins(of: route))
          source: \(route.source.rawValue)
          mark: \(route.mark.map(String.init) ?? "none")
          \(write(route.acceptProxy))
          send_proxy: \(route.sendProxy?.rawValue ?? "off")
          class: \(route.flowClass?.rawValue ?? "auto")
          \(write(route.policy))
          ring_ceiling: \(SizeText(bytes: route.ringCeilingBytes))
          forbid: \(write(route.forbiddenActuators))
          holdback: \(PercentText(share: route.holdback))
          connection_memory: \(SizeText(bytes: route.connectionMemoryBytes))
          timeouts: \(write(route.timeouts))
          limits:
            connections: \(route.maxConnections.map(String.init) ?? "unlimited")
            per_client: \(route.maxConnectionsPerClient.map(String.init) ?? "unlimited")
            rate: \(route.connectionRate.map(String.init) ?? "unlimited")
            rate_per_client: \(route.connectionRatePerClient.map(String.init) ?? "unlimited")
            bandwidth: \(route.bandwidth.map { SizeText(bytes: $0).description } ?? "unlimited")
            bandwidth_per_client: \(route.bandwidthPerClient.map { SizeText(bytes: $0).description } ?? "unlimited")
          access: {\(write("allow", route.access.allow))\(write("deny", route.access.deny))}
        """
    }

    /// As an address alone where that says it all.
    private static func write(_ listener: ListenAddress) -> String {
        guard listener.permissions != SocketPermissions() else { return quoted(listener) }
        let mode = listener.permissions.mode.map { ", mode: 0\(String($0, radix: 8))" } ?? ""
        let group = listener.permissions.group.map { ", group: \($0)" } ?? ""
        return "{address: \(quoted(listener))\(mode)\(group)}"
    }

    private static func write(_ name: String, _ prefixes: [AddressPrefix]) -> String {
        guard !prefixes.isEmpty else { return "" }
        return "\(name): [\(prefixes.map { "'\($0)'" }.joined(separator: ", "))], "
    }

    /// What goes with the choice among origins cannot stand beside `to: original`.
    private static func writeOrigins(of route: RouteConfiguration) -> String {
        if let original = route.original {
            let allow = original.allow.map(quoted).joined(separator: ", ")
            return "to: original\n  original: {via: \(original.via.rawValue), allow: [\(allow)]}"
        }
        return """
            to: [\(route.origins.map(write).joined(separator: ", "))]
              balance: \(route.balance.rawValue)
              queue: \(write(route.queue))
              health: \(write(route.health))
              ejection: \(write(route.ejection))
              warm_pool: \(write(route.warmPool))
            """
    }

    private static func write(_ rules: AcceptProxyConfiguration?) -> String {
        guard let rules else { return "# no accept_proxy" }
        let from = rules.from.map(quoted).joined(separator: ", ")
        return
            "accept_proxy: {from: [\(from)], others: \(rules.others.rawValue), timeout: \(write(rules.timeout))}"
    }

    private static func write(_ origin: OriginConfiguration) -> String {
        let ceiling = origin.maxConnections.map(String.init) ?? "unlimited"
        let health = origin.healthAddress.map { ", health_address: \(quoted($0))" } ?? ""
        return
            "{address: \(quoted(origin.address)), weight: \(origin.weight), max_connections: \(ceiling)\(health)}"
    }

    private static func write(_ queue: QueueConfiguration?) -> String {
        queue.map { "{length: \($0.length), timeout: \(DurationText($0.timeout))}" } ?? "off"
    }

    private static func write(_ health: HealthConfiguration?) -> String {
        guard let health else { return "off" }
        let check =
            switch health.check {
            case .tcp: "tcp"
            case .postgres(let user): "postgres, user: \(user)"
            case .redis: "redis"
            case .http(let path, let host, let status):
                "http, path: \(path), host: \(host), status: \(status.lowerBound)-\(status.upperBound)"
            case .sendExpect(let send, let expect):
                "send_expect, send: \"\(escaped(send))\", expect: \(expect)"
            }
        let times = "interval: \(DurationText(health.interval)), timeout: \(DurationText(health.timeout))"
        let counts =
            "rise: \(health.rise), fall: \(health.fall), port: \(health.port.map(String.init) ?? "auto")"
        return "{check: \(check), \(times), \(counts), on_unhealthy: \(health.onUnhealthy.rawValue)}"
    }

    private static func escaped(_ text: String) -> String {
        // To Swift, the two are one character.
        text.replacing("\r\n", with: "\\r\\n")
    }

    private static func write(_ warmPool: WarmPoolConfiguration?) -> String {
        guard let warmPool else { return "off" }
        return "{max: \(warmPool.most), max_age: \(DurationText(warmPool.maxAge))}"
    }

    private static func write(_ ejection: EjectionConfiguration?) -> String {
        guard let ejection else { return "off" }
        let times = "time: \(DurationText(ejection.time)), max_time: \(DurationText(ejection.maxTime))"
        return "{failures: \(ejection.failures), \(times), panic: \(ejection.panicPercent)}"
    }

    private static func write(_ policy: Policy) -> String {
        switch policy {
        case .adaptive: return "policy: adaptive"
        case .kernel: return "policy: kernel"
        case .fixed(let sizes):
            return """
                policy: static
                  static:
                    ring: \(SizeText(bytes: sizes.ringBytes))
                    notsent_lowat: \(orKernel(sizes.notSentLowat))
                    send_buffer: \(orKernel(sizes.sendBuffer))
                    receive_buffer: \(orKernel(sizes.receiveBuffer))
                    congestion_control: \(sizes.congestionControl?.name ?? "kernel")
                """
        }
    }

    private static func orKernel(_ bytes: Int?) -> String {
        bytes.map { SizeText(bytes: $0).description } ?? "kernel"
    }

    private static func write(_ flowClass: FlowClass, _ overrides: ClassOverrides?) -> String? {
        guard let overrides else { return nil }
        return """
              \(flowClass.rawValue):
                queue_budget: \(write(overrides.queueBudget))
                notsent_lowat: \(overrides.startupNotSentLowat.map { "\(SizeText(bytes: $0))" } ?? "auto")
                timeouts: \(write(overrides.timeouts))
            """
    }

    private static func write(_ forbidden: ActuatorSet) -> String {
        let names = Actuator.allCases.filter { forbidden.contains(ActuatorSet($0)) }.map(\.rawValue)
        return names.isEmpty ? "none" : "[\(names.joined(separator: ", "))]"
    }

    private static func write(_ timeouts: TimeoutOverrides) -> String {
        "{connect: \(write(timeouts.connect)), idle: \(write(timeouts.idle)), half_closed: \(write(timeouts.halfClosed))}"
    }

    private static func write(_ timeout: IdleTimeout?) -> String {
        switch timeout {
        case nil: "auto"
        case .never: "never"
        case .after(let duration): write(duration)
        }
    }

    private static func write(_ duration: Duration?) -> String {
        duration.map { DurationText($0).description } ?? "auto"
    }

    private static func quoted(_ address: some CustomStringConvertible) -> String {
        "'\(address.description.replacing("'", with: "''"))'"
    }
}
