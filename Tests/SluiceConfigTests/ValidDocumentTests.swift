import SluiceConfig
import SluiceControl
import SluiceCore
import Testing

@Suite struct ValidDocumentTests {
    private func parse(_ text: String) throws -> Configuration {
        try ConfigurationFile.parse(text, file: "test.yaml")
    }

    private func route(_ keys: String) throws -> RouteConfiguration {
        try #require(try parse("routes: [{name: a, listen: ':1', to: 'b:2', \(keys)}]").routes.first)
    }

    @Test func absentKeysTakeTheDefaultsOfConfiguration() throws {
        let parsed = try parse("routes: [{name: a, listen: '127.0.0.1:1', to: 'b:2'}]")
        let route = RouteConfiguration(
            name: "a",
            listen: [ListenAddress(.ip("127.0.0.1", port: 1))],
            origin: OriginAddress(.name("b", port: 2))
        )
        #expect(parsed == Configuration(routes: [route]))
    }

    @Test(arguments: [
        "{address: 'db:1', weight: 3, max_connections: 7}",
        "[{address: 'db:1', weight: 3, max_connections: 7}]",
    ])
    func anOriginHasAFullForm(text: String) throws {
        let parsed = try parse("routes: [{name: a, listen: ':1', to: \(text)}]")
        var origin = OriginConfiguration(OriginAddress(.name("db", port: 1)))
        origin.weight = 3
        origin.maxConnections = 7
        #expect(parsed.routes.first?.origins == [origin])
    }

    /// A mode is octal, with the 0 before it or not, quoted or not.
    @Test(arguments: ["0660", "660", "'0660'"])
    func aUnixListenerHasAFullForm(mode: String) throws {
        let full = "{address: 'unix:/run/a', mode: \(mode), group: app}"
        let parsed = try parse("routes: [{name: a, listen: [':1', \(full)], to: 'b:2'}]")
        var unix = ListenAddress(.unix(path: "/run/a"))
        unix.permissions.mode = 0o660
        unix.permissions.group = "app"
        #expect(parsed.routes.first?.listen == [ListenAddress(.ip("::", port: 1)), unix])
    }

    @Test func originsMayBeMixedAndDealtOut() throws {
        let keys = "balance: least_rtt, ejection: {failures: 1, time: 1s, max_time: 2s, panic: 0}"
        let parsed = try parse(
            "routes: [{name: a, listen: ':1', to: [b:2, {address: 'c:3', weight: 2}], \(keys)}]"
        )
        let route = try #require(parsed.routes.first)
        #expect(route.origins.map(\.address.description) == ["b:2", "c:3"])
        #expect(route.origins.map(\.weight) == [1, 2])
        #expect(route.balance == .leastRTT)
        #expect(route.ejection?.failures == 1 && route.ejection?.panicPercent == 0)
        #expect(route.ejection?.time == .seconds(1) && route.ejection?.maxTime == .seconds(2))
    }

    @Test func ejectionCanBeSwitchedOff() throws {
        #expect(try route("ejection: off").ejection == nil)
    }

    @Test func everyKeyArrives() throws {
        let parsed = try parse(
            """
            workers: 3
            memory: 64M
            max_connections: 500
            drain: 1m
            dns: {refresh: 5s}
            admin: {listen: 0.0.0.0:9000, token_file: /run/token, write: true}
            log: {format: json, level: warning}
            routes:
              - name: ollama
                listen: [0.0.0.0:11435, 'unix:/run/o.sock', '[::1]:2', ':3', localhost:4]
                to: 127.0.0.1:11434
                class: llm
                policy: static
                static:
                  ring: 64K
                  notsent_lowat: 128K
                  send_buffer: 4M
                  receive_buffer: 1M
                  congestion_control: bbr
                ring_ceiling: 2M
                timeouts: {connect: 250ms, idle: never, half_closed: 2h}
                limits: {connections: 10, per_client: 2, rate: 100, rate_per_client: 5, bandwidth: 1M,
                  bandwidth_per_client: 64K}
                access: {allow: [10.0.0.0/8, '2001:db8::/32'], deny: 10.1.2.3}
            """
        )
        var route = RouteConfiguration(
            name: "ollama",
            listen: [
                .ip("0.0.0.0", port: 11435), .unix(path: "/run/o.sock"), .ip("::1", port: 2),
                .ip("::", port: 3),
                .name("localhost", port: 4),
            ].map(ListenAddress.init),
            origin: OriginAddress(.ip("127.0.0.1", port: 11434))
        )
        route.flowClass = .llm
        route.policy = .fixed(
            StaticSizes(
                ringBytes: 65_536,
                notSentLowat: 131_072,
                sendBuffer: 4 << 20,
                receiveBuffer: 1 << 20,
                congestionControl: .bbr
            )
        )
        route.ringCeilingBytes = 2 << 20
        route.timeouts = TimeoutOverrides(
            connect: .milliseconds(250),
            idle: .never,
            halfClosed: .seconds(7200)
        )
        route.maxConnections = 10
        route.maxConnectionsPerClient = 2
        route.connectionRate = 100
        route.connectionRatePerClient = 5
        route.bandwidth = 1 << 20
        route.bandwidthPerClient = 64 << 10
        route.access = AccessConfiguration(
            allow: [try AddressPrefix(parsing: "10.0.0.0/8"), try AddressPrefix(parsing: "2001:db8::/32")],
            deny: [try AddressPrefix(parsing: "10.1.2.3/32")]
        )
        var expected = Configuration(routes: [route])
        expected.workers = 3
        expected.memoryBytes = 64 << 20
        expected.maxConnections = 500
        expected.drain.deadline = .seconds(60)
        expected.dnsRefresh = .seconds(5)
        expected.admin?.listen = ListenAddress(.ip("0.0.0.0", port: 9000))
        expected.admin?.tokenFile = "/run/token"
        expected.admin?.allowsWriting = true
        expected.log.format = .json
        expected.log.level = .warning
        #expect(parsed == expected)
    }

    @Test func aDrainIsADeadlineOrAMapping() throws {
        let routes = "routes: [{name: a, listen: ':1', to: 'b:2'}]"
        var drain = DrainConfiguration()
        drain.grace = .seconds(5)
        drain.deadline = .seconds(60)
        drain.window = .seconds(40)
        #expect(try parse("drain: {grace: 5s, deadline: 1m, window: 40s}\n\(routes)").drain == drain)
        #expect(try parse("drain:\n\(routes)").drain == DrainConfiguration())
    }

    @Test func adminCanBeSwitchedOff() throws {
        #expect(try parse("admin: off\nroutes: [{name: a, listen: ':1', to: 'b:2'}]").admin == nil)
    }

    @Test func anIdleTimeoutAndAPolicyAreChoices() throws {
        #expect(try route("timeouts: {idle: 5s}").timeouts.idle == .after(.seconds(5)))
        #expect(try route("timeouts: {idle: auto}").timeouts.idle == nil)
        #expect(try route("policy: kernel").policy == .kernel)
        #expect(
            try route("policy: static, static: {ring: 4K, notsent_lowat: kernel}").policy
                == .fixed(StaticSizes(ringBytes: 4096))
        )
    }

    @Test func aScalarIsItsTextWhateverYAMLWouldMakeOfIt() throws {
        #expect(try route("ring_ceiling: '8192'").ringCeilingBytes == 8192)
        #expect(try route("ring_ceiling: 0008192").ringCeilingBytes == 8192)
        // YAML 1.1 reads these names as a boolean, a number to base 60 and a float.
        for name in ["no", "1e3", "0o17", "12.5"] {
            let parsed = try parse("routes: [{name: \(name), listen: ':1', to: 'b:2'}]")
            #expect(parsed.routes.map(\.name) == [name])
        }
    }

    @Test func anAliasReadsWhatItsAnchorNames() throws {
        let parsed = try parse(
            """
            routes:
              - {name: a, listen: ':1', to: b:2, timeouts: &patient {idle: never}}
              - {name: c, listen: ':2', to: b:2, timeouts: *patient}
            """
        )
        #expect(parsed.routes.map(\.timeouts.idle) == [.never, .never])
    }

    @Test func aSectionMayStandEmpty() throws {
        let parsed = try parse(
            "dns:\nlog: {}\nadmin: ~\nroutes:\n- name: a\n  listen: :1\n  to: b:2\n  limits:\n"
        )
        #expect(parsed == (try parse("routes: [{name: a, listen: ':1', to: 'b:2'}]")))
    }

    @Test(arguments: ["\n", "\r\n", "\r"])
    func lineEndingsDoNotMatter(newline: String) throws {
        let lines = ["# a comment", "workers: 2", "routes:", "- name: a", "  listen: :1", "  to: b:2", ""]
        #expect(try parse(lines.joined(separator: newline)).workers == 2)
        #expect(try parse("\u{FEFF}" + lines.joined(separator: newline)).workers == 2)
    }

    @Test func portZeroMayStandTwiceAmongListeners() throws {
        #expect(try route("limits: {}").listen.count == 1)
        let parsed = try parse("routes: [{name: a, listen: ['127.0.0.1:0', '127.0.0.1:0'], to: 'b:2'}]")
        #expect(parsed.routes.first?.listen.count == 2)
    }

    @Test func theExampleIsValid() throws {
        let configuration = try ConfigurationFile.load(path: RepositoryFile.example)
        #expect(configuration.routes.map(\.name) == ["ollama", "postgres", "redis", "files"])
    }
}
