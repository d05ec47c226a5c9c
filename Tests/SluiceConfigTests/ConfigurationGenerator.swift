import SluiceConfig
import SluiceControl
import SluiceCore
import SluiceRandom

/// Makes valid configurations at random, every field within its bounds.
struct ConfigurationGenerator {
    private var random: SplitMix64
    private var nextPort: UInt16 = 1

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    mutating func configuration() -> Configuration {
        nextPort = 1
        var configuration = Configuration(routes: [])
        configuration.workers = maybe { $0.number(1...1024) }
        configuration.memoryBytes = bytes(1 << 20, 1 << 40)
        configuration.maxConnections = maybe { $0.number(1...1_000_000_000) }
        configuration.drain.grace = duration(0...86_400_000)
        configuration.drain.deadline = duration(0...86_400_000)
        configuration.drain.window = min(configuration.drain.deadline, duration(0...86_400_000))
        configuration.drain.removedOrigins = pick(RemovalPolicy.allCases)
        configuration.dnsRefresh = duration(1000...86_400_000)
        configuration.removedAddresses = pick(RemovalPolicy.allCases)
        configuration.admin = maybe { generator in
            var admin = AdminConfiguration()
            admin.listen = generator.listen()
            admin.tokenFile =
                admin.listen.address.isLocal ? generator.maybe { _ in "/run/token" } : "/run/token: #1"
            admin.allowsWriting = generator.number(0...1) == 1
            return admin
        }
        configuration.log.format = pick(LogConfiguration.Format.allCases)
        configuration.log.level = pick(LogConfiguration.Level.allCases)
        for flowClass in FlowClass.allCases {
            configuration.classes[flowClass] = maybe { $0.overrides() }
        }
        let ceiling = min(configuration.memoryBytes, 1 << 30)
        configuration.routes = (0..<number(1...4)).map { route($0, ceiling: ceiling) }
        return configuration
    }

    private mutating func route(_ index: Int, ceiling: Int) -> RouteConfiguration {
        let names = ["null", "true", "1e3", "no", "off", "a.b_c-d", "0x1F", "Route", "12"]
        var route = bareRoute("\(pick(names))\(index)")
        route.source = pick(SourceAddress.allCases)
        route.mark = maybe { UInt32($0.number(1...Int(UInt32.max))) }
        route.acceptProxy = maybe { generator in
            var rules = AcceptProxyConfiguration(from: generator.list { $0.prefix() })
            rules.others = generator.pick(AcceptProxyConfiguration.Others.allCases)
            rules.timeout = generator.duration(1...3_600_000)
            return rules
        }
        route.sendProxy = maybe { $0.pick(SendProxy.allCases) }
        // Ahead of demand nobody knows whose address the origin is to see.
        if !route.origins.isEmpty, route.source == .own, route.sendProxy == nil {
            route.warmPool = maybe { $0.warmPool() }
        }
        route.flowClass = maybe { $0.pick(FlowClass.allCases) }
        route.ringCeilingBytes = bytes(4096, ceiling)
        route.policy = policy(ceiling: ceiling)
        for actuator in Actuator.allCases where actuator != .ring && number(0...3) == 0 {
            route.forbiddenActuators.insert(ActuatorSet(actuator))
        }
        route.holdback = Double(number(0...5000)) / 10_000
        route.connectionMemoryBytes = bytes(1 << 20, 1 << 40)
        route.timeouts = timeouts()
        route.maxConnections = maybe { $0.number(1...1_000_000_000) }
        route.maxConnectionsPerClient = maybe { $0.number(1...1_000_000_000) }
        route.connectionRate = maybe { $0.number(1...1_000_000_000) }
        route.connectionRatePerClient = maybe { $0.number(1...1_000_000_000) }
        route.bandwidth = maybe { $0.bytes(1024, 1 << 40) }
        route.bandwidthPerClient = maybe { $0.bytes(1024, 1 << 40) }
        route.access = AccessConfiguration(allow: prefixes(0), deny: prefixes(1))
        return route
    }

    private mutating func timeouts() -> TimeoutOverrides {
        TimeoutOverrides(
            connect: maybe { $0.duration(1...3_600_000) },
            idle: maybe { generator in
                generator.maybe { $0.duration(1...31_536_000_000) }.map(IdleTimeout.after) ?? .never
            },
            halfClosed: maybe { $0.duration(1...31_536_000_000) }
        )
    }

    /// At least one field is set: one without any is no override.
    private mutating func overrides() -> ClassOverrides {
        var overrides = ClassOverrides()
        overrides.queueBudget = duration(1...10_000)
        overrides.startupNotSentLowat = maybe { $0.bytes(16 << 10, 1 << 30) }
        overrides.timeouts = timeouts()
        return overrides
    }

    /// None, or some that are in no other list.
    private mutating func prefixes(_ list: Int) -> [AddressPrefix] {
        (0..<number(0...2)).compactMap { index in
            let ipv6 = try? AddressPrefix(parsing: "2001:db8:\(list):\(index)::/\(number(64...128))")
            return number(0...1) == 0
                ? ipv6 : try? AddressPrefix(parsing: "10.\(list).\(index).0/\(number(24...32))")
        }
    }

    private mutating func bareRoute(_ name: String) -> RouteConfiguration {
        guard number(0...3) == 0 else {
            var route = RouteConfiguration(
                name: name,
                listen: list { $0.listener() },
                origin: OriginAddress(listen().address)
            )
            route.origins = (1...number(1...4)).map { originConfiguration($0) }
            route.balance = pick(BalanceMethod.allCases)
            route.queue = maybe { $0.queue() }
            route.health = maybe { $0.health() }
            checkElsewhere(&route)
            route.ejection = maybe { $0.ejection() }
            return route
        }
        var original = OriginalDestinationConfiguration(allow: list { $0.destination() })
        original.via = pick(OriginalDestinationConfiguration.Via.allCases)
        nextPort += 1
        let listen = ListenAddress(.ip("0.0.0.0", port: nextPort))
        return RouteConfiguration(name: name, listen: [listen], original: original)
    }

    private mutating func prefix() -> AddressPrefix {
        let texts = [
            "0.0.0.0/0", "10.\(number(0...255)).0.0/16", "192.0.2.\(number(0...255))", "::/0",
            "2001:db8::\(number(1...9999))/128", "fe80::/10",
        ]
        return try! AddressPrefix(parsing: pick(texts))
    }

    private mutating func destination() -> DestinationRule {
        let prefix = prefix().description
        let host = prefix.contains(":") ? "[\(prefix)]" : prefix
        let port = number(1...65535)
        return try! DestinationRule(
            parsing: pick([prefix, "\(host):\(port)", "\(host):\(port)-\(number(port...65535))"])
        )
    }

    private mutating func list<Value>(_ make: (inout Self) -> Value) -> [Value] {
        (0..<number(1...3)).map { _ in make(&self) }
    }

    /// Each with a port of its own, so that no two are the same.
    private mutating func originConfiguration(_ index: Int) -> OriginConfiguration {
        // None that a listener of this configuration may have: it would connect to itself.
        let port = UInt16(number(1_000...16_000) * 4 + index)
        let host = OriginAddress(address(port: port, prefix: "origin"))
        let service = OriginAddress(service: "_s\(port)._tcp.example")
        var origin = OriginConfiguration(number(0...4) == 0 ? service : host)
        origin.weight = number(1...256)
        origin.maxConnections = maybe { $0.number(1...1_000_000_000) }
        return origin
    }

    private mutating func queue() -> QueueConfiguration {
        var queue = QueueConfiguration()
        queue.length = number(1...10_000)
        queue.timeout = duration(1...3_600_000)
        return queue
    }

    private mutating func health() -> HealthConfiguration {
        let checks: [HealthCheck] = [
            .tcp, .postgres(user: "u\(number(1...9))"), .redis, .http(path: "/health", host: "a.example"),
            .http(path: "/primary", host: "b", status: number(100...300)...number(300...599)),
            .sendExpect(send: "PING\r\n", expect: "+PONG"),
        ]
        var health = HealthConfiguration(check: pick(checks))
        health.interval = duration(10...3_600_000)
        health.timeout = duration(1...3_600_000)
        health.rise = number(1...1000)
        health.fall = number(1...1000)
        health.onUnhealthy = pick(RemovalPolicy.allCases)
        return health
    }

    /// A port in place of their own, where all origins have one, or an address for each.
    private mutating func checkElsewhere(_ route: inout RouteConfiguration) {
        guard route.health != nil, number(0...1) == 0 else { return }
        let havePorts = route.origins.allSatisfy { !$0.address.isService && $0.address.address.port != nil }
        if !havePorts {
            for index in route.origins.indices {
                route.origins[index].healthAddress = OriginAddress(
                    .ip("192.0.2.1", port: UInt16(number(1...65535)))
                )
            }
        }
        route.health?.port = UInt16(number(1...65535))
    }

    private mutating func warmPool() -> WarmPoolConfiguration {
        var warmPool = WarmPoolConfiguration()
        warmPool.most = number(1...10_000)
        warmPool.maxAge = duration(1000...3_600_000)
        return warmPool
    }

    private mutating func ejection() -> EjectionConfiguration {
        var ejection = EjectionConfiguration()
        ejection.failures = number(1...1000)
        ejection.time = duration(1...86_400_000)
        ejection.maxTime = max(ejection.time, duration(1...86_400_000))
        ejection.panicPercent = number(0...100)
        return ejection
    }

    private mutating func policy(ceiling: Int) -> Policy {
        switch number(0...2) {
        case 0: .adaptive
        case 1: .kernel
        default:
            .fixed(staticSizes(ceiling: ceiling))
        }
    }

    private mutating func staticSizes(ceiling: Int) -> StaticSizes {
        StaticSizes(
            ringBytes: bytes(4096, ceiling),
            notSentLowat: maybe { $0.bytes(1, 1 << 30) },
            sendBuffer: maybe { $0.bytes(4096, 1 << 30) },
            receiveBuffer: maybe { $0.bytes(4096, 1 << 30) },
            congestionControl: maybe { $0.pick([.bbr, .cubic, .reno]) }
        )
    }

    /// Each with a port of its own, so that no two collide.
    private mutating func listen() -> ListenAddress {
        nextPort += 1
        return ListenAddress(address(port: nextPort, prefix: "listen"))
    }

    private mutating func listener() -> ListenAddress {
        var listener = listen()
        guard case .unix = listener.address else { return listener }
        listener.permissions.mode = maybe { $0.pick([0o600, 0o660, 0o777]) }
        listener.permissions.group = maybe { $0.pick(["app", "1000", "www-data"]) }
        return listener
    }

    private mutating func address(port: UInt16, prefix: String) -> Address {
        switch number(0...4) {
        case 0: .ip("127.0.0.\(number(1...254))", port: port)
        case 1: .ip("2001:db8::\(number(1...9999))", port: port)
        case 2: .name("\(prefix)-\(number(1...9)).example", port: port)
        case 3: .ip("0.0.0.0", port: port)
        default: .unix(path: "/run/\(prefix) #\(port): it's.sock")
        }
    }

    /// Whole units as often as odd numbers.
    private mutating func bytes(_ smallest: Int, _ largest: Int) -> Int {
        let count = number(smallest...largest)
        let unit = pick([1, 1 << 10, 1 << 20, 1 << 30])
        return max(smallest, count / unit * unit)
    }

    private mutating func duration(_ milliseconds: ClosedRange<Int>) -> Duration {
        let count = number(milliseconds)
        let unit = pick([1, 1000, 60_000, 3_600_000])
        return .milliseconds(max(milliseconds.lowerBound, count / unit * unit))
    }

    private mutating func maybe<Value>(_ make: (inout Self) -> Value) -> Value? {
        number(0...2) == 0 ? nil : make(&self)
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &random)
    }

    private mutating func pick<Value>(_ values: [Value]) -> Value {
        values[number(0...values.count - 1)]
    }
}
