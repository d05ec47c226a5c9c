import SluiceConfig
import Testing
import Yams

/// One corpus, two judges: the parser, and the schema that an editor uses.
@Suite struct CorpusTests {
    private let schema: SchemaValidator

    init() throws {
        schema = try SchemaValidator(contentsOfFile: RepositoryFile.schema)
    }

    private func parserAccepts(_ text: String) -> Bool {
        (try? ConfigurationFile.parse(text, file: "corpus")) != nil
    }

    @Test(arguments: Corpus.valid)
    func bothAccept(text: String) throws {
        #expect(parserAccepts(text))
        #expect(try schema.accepts(Yams.compose(yaml: text)))
    }

    @Test(arguments: Corpus.invalid)
    func bothRefuse(text: String) throws {
        #expect(!parserAccepts(text))
        #expect(try !schema.accepts(Yams.compose(yaml: text)))
    }

    /// What a schema cannot say: comparisons between keys, and the range of a number that has a unit.
    @Test(arguments: Corpus.invalidBeyondTheSchema)
    func onlyTheParserRefuses(text: String) throws {
        #expect(!parserAccepts(text))
        #expect(try schema.accepts(Yams.compose(yaml: text)))
    }

    @Test(arguments: [RepositoryFile.reference, RepositoryFile.example])
    func bothAcceptTheCommittedFiles(path: String) throws {
        let text = try RepositoryFile.text(path)
        #expect(parserAccepts(text))
        #expect(try schema.accepts(Yams.compose(yaml: text)))
    }
}

private enum Corpus {
    static let valid =
        tops([
            "", "workers: auto", "workers: 8", "memory: 1M", "memory: 268435456", "memory: 1GiB",
            "memory: 2gb",
            "max_connections: auto", "max_connections: 5000", "drain: 0s", "drain: 2m", "drain:",
            "drain: {deadline: 2m, window: 1m, grace: 5s}", "dns: {refresh: 1h}",
            "dns:", "dns: {removed_addresses: close}", "drain: {removed_origins: close}",
            "admin: {listen: '0.0.0.0:9', token_file: /run/token, write: true}",
            "admin: off", "admin: {}", "admin:", "admin: {listen: 'unix:/run/admin.sock'}",
            "log: {format: json}",
            "log: {level: critical, format: text}",
            "classes:", "classes: {llm: {}, network: {queue_budget: 50ms, notsent_lowat: 64K}}",
            "classes: {cache: {timeouts: {idle: never}}, llm: {queue_budget: auto, notsent_lowat: auto}}",
        ])
        + routes([
            "access: {}", "access: {allow: 10.0.0.0/8}", "access: {deny: [192.0.2.1, '2001:db8::/32']}",
            "limits: {rate: 5, rate_per_client: unlimited, bandwidth: 1M, bandwidth_per_client: 1024}",
            "class: auto", "class: telemetry", "policy: kernel", "policy: adaptive",
            "policy: static, static: {ring: 64K}",
            "policy: static, static: {ring: 65536, notsent_lowat: 16K}",
            "policy: static, static: {ring: 64K, notsent_lowat: kernel}",
            "policy: static, static: {ring: 64K, send_buffer: 4M, receive_buffer: 65536, congestion_control: bbr}",
            "policy: static, static: {ring: 64K, send_buffer: kernel, congestion_control: kernel}",
            "ring_ceiling: 4K",
            "ring_ceiling: 4096",
            "timeouts: {}", "timeouts: {connect: 250ms, idle: never, half_closed: 1h}",
            "timeouts: {connect: auto, idle: auto, half_closed: auto}",
            "limits: {connections: 1, per_client: 1}",
            "holdback: 0%", "holdback: 12.25%", "forbid: none", "forbid: pacing", "forbid: []",
            "forbid: [send_buffer, congestion_control]",
            "connection_memory: 1M", "connection_memory: 16777216",
            "limits: {connections: unlimited, per_client: unlimited}",
            "source: client, mark: 1", "source: own, mark: none", "mark: 4294967295", "send_proxy: v1",
            "send_proxy: off",
            "accept_proxy: {from: 10.0.0.0/8}", "accept_proxy: {from: ['::/0', 192.0.2.1], others: direct}",
            "accept_proxy: {from: [127.0.0.1/32], others: refuse, timeout: 3s}, send_proxy: v2",
            "balance: least_rtt", "health: off", "health: {check: tcp}",
            "health: {check: http, path: /, host: a, interval: 1s, timeout: 1s, rise: 1, fall: 1}",
            "health: {check: http, port: 8008, status: 200, on_unhealthy: close}",
            "health: {check: http, port: auto, status: 200-399, on_unhealthy: keep}",
            "queue: off",
            "queue: {length: 5, timeout: 1s}", "balance: round_robin", "ejection: off", "ejection: {}",
            "ejection: {failures: 1, time: 1s, max_time: 1s, panic: 0}",
            "warm_pool: off", "warm_pool: {}", "warm_pool: {max: 1, max_age: 1s}, mark: 1",
            "warm_pool: off, source: client, send_proxy: v1",
        ])
        + bare([
            "name: 5432, listen: ':1', to: 'b:2'", "name: 1.5, listen: ':1', to: 'b:2'",
            "name: true, listen: ':1', to: 'b:2'", "name: a, listen: [':1', '[::1]:2'], to: '[::1]:3'",
            "name: a, listen: ':1', to: original, original: {allow: 10.0.0.0/8}",
            "name: a, listen: ':1', to: original, original: {via: tproxy, allow: ['10.0.0.0/8:1-2', '[::/0]:443', '::/0']}",
            "name: a, listen: 'unix:/a', to: 'unix:/b'", "name: a, listen: my_host:0, to: db-1.example:65535",
            "name: a, listen: ':1', to: ['b:2', {address: 'c:3', weight: 256}]",
            "name: a, listen: ':1', to: {address: 'c:3', max_connections: unlimited}",
            "name: a, listen: ':1', to: {address: 'unix:/c', health_address: 'd:3'}, health: {check: tcp, port: 4}",
            "name: a, listen: ':1', to: 'srv:_db._tcp.example'",
            "name: a, listen: {address: 'unix:/a', mode: 0660, group: app}, to: 'b:2'",
            "name: a, listen: [':1', {address: 'unix:/a', mode: '660', group: 33}, {address: ':2'}], to: 'b:2'",
            "name: a, listen: [':1', '127.0.0.1:1'], to: '10.0.0.1:1'",
            "name: a, listen: '0.0.0.0:1', to: '[::1]:1'",
        ])

    static let invalid =
        ["", "[]", "routes:", "routes: []", "routes: {}", "routes: [1]", "routes: [{}]", "workers: 1"]
        + tops([
            "workers: 0", "workers: 1025", "workers: many", "workers: [1]", "workers: 1.5", "workers:",
            "memory: 1",
            "memory: -1M", "memory: 1T", "memory: auto", "memory: 1.5G", "max_connections: 0", "drain: 30",
            "drain: never", "drain: {removed_origins: true}", "drain: 1d", "dns: 30s", "dns: {refresh: auto}",
            "dns: {ttl: 1s}", "admin: no",
            "admin: false", "admin: {listen: [':1']}", "admin: {listen: 9901}", "log: {format: xml}",
            "classes: {web: {}}", "classes: {llm: 50ms}", "classes: {llm: {queue_budget: never}}",
            "log: {level: warn}", "lisen: ':1'",
        ])
        + routes([
            "class: web", "class: [llm]", "policy: fast", "policy: static", "policy: static, static: {}",
            "policy: static, static: ", "static: {ring: 64K}", "policy: kernel, static: {ring: 64K}",
            "policy: static, static: {ring: 64K, send_buffer: auto}",
            "policy: static, static: {ring: 64K, receive_buffer: 4095}",
            "policy: static, static: {ring: 64K, congestion_control: sixteen_letters_}",
            "policy: static, static: {ring: 64K, congestion_control: [bbr]}",
            "ring_ceiling: 4095", "ring_ceiling: never", "timeouts: 5s", "timeouts: {idle: 5}",
            "timeouts: {connect: never}", "timeouts: {write: 5s}", "limits: {connections: 0}",
            "limits: {per_client: none}", "limits: 5",
            "holdback: 5", "holdback: 0.05", "holdback: 1.125%", "holdback: off", "forbid: ring",
            "forbid: [none]", "forbid: all", "forbid: {pacing: true}",
            "connection_memory: auto",
            "source: theirs", "mark: 0", "mark: 4294967296",
            "send_proxy: v3", "accept_proxy: {}", "accept_proxy: {from: []}", "accept_proxy: {from: lan}",
            "accept_proxy: {from: 10.0.0.0/8, others: drop}", "accept_proxy: v1",
            "balance: random", "health: {}", "health: {check: icmp}", "queue: {length: 0}", "ejection: no",
            "health: {check: tcp, port: 65536}", "health: {check: tcp, on_unhealthy: reset}",
            "health: {check: http, status: 600}", "health: {check: http, status: 2xx}",
            "ejection: {failures: 0}",
            "ejection: {panic: 101}",
            "warm_pool: on", "warm_pool: {max: 0}", "warm_pool: {max_age: never}",
        ])
        + bare([
            "listen: ':1', to: 'b:2'", "name: a, to: 'b:2'", "name: a, listen: ':1'",
            "name: 'a b', listen: ':1', to: 'b:2'",
            "name: '', listen: ':1', to: 'b:2'", "name: a, listen: [], to: 'b:2'",
            "name: a, listen: 80, to: 'b:2'",
            "name: a, listen: b, to: 'b:2'", "name: a, listen: ':1', to: ':2'",
            "name: a, listen: ':1', to: 'b:0'",
            "name: a, listen: ':1', to: original, original: {}",
            "name: a, listen: ':1', to: original, original: {allow: []}",
            "name: a, listen: ':1', to: original, original: {via: divert, allow: '::/0'}",
            "name: a, listen: ':1', to: [original], original: {allow: '::/0'}",
            "name: a, listen: ':1', to: []", "name: a, listen: '::1:80', to: 'b:2'",
            "name: a, listen: 'unix:run/a', to: 'b:2'", "name: a, listen: {port: 1}, to: 'b:2'",
            "name: a, listen: ':1', to: {weight: 1}", "name: a, listen: {mode: 0660}, to: 'b:2'",
            "name: a, listen: {address: 'unix:/a', mode: u=rw}, to: 'b:2'",
            "name: a, listen: {address: ['unix:/a']}, to: 'b:2'",
            "name: a, listen: ':1', to: 'srv:_db._tcp.example:5'",
            "name: a, listen: 'srv:_db._tcp.example', to: 'b:2'", "name: a, listen: ':1', to: [['b:2']]",
            "name: a, listen: ':1', to: [{address: 'b:2', weight: 0}]",
        ])

    static let invalidBeyondTheSchema =
        tops(["memory: 1K", "memory: 512K", "drain: 25h", "dns: {refresh: 0s}"])
        + routes([
            "accept_proxy: {from: 10.0.0.1/8}", "accept_proxy: {from: 10.0.0.0/33}",
            "accept_proxy: {from: 10.0.0}", "accept_proxy: {from: 10.0.0.0/8, timeout: 2h}",
            "original: {allow: '::/0'}",
            "ring_ceiling: 512M", "ring_ceiling: 1K", "holdback: 51%", "timeouts: {connect: 0ms}",
            "timeouts: {idle: 8761h}",
            "ejection: {time: 10m}", "ejection: {time: 2s, max_time: 1s}",
            "health: {check: tcp, status: 200}",
            "health: {check: http, status: 399-200}",
            "warm_pool: {max_age: 999ms}", "warm_pool: {}, source: client", "warm_pool: {}, send_proxy: v1",
        ])
        + bare([
            "name: a, listen: ':1', to: original",
            "name: a, listen: ':1', to: original, original: {allow: '::/0'}, balance: least_rtt",
            "name: a, listen: ':1', to: original, original: {allow: '::/0'}, health: {check: tcp}",
            "name: a, listen: ':1', to: original, original: {allow: '::/0'}, warm_pool: {}",
            "name: a, listen: 'unix:/a', to: original, original: {allow: '::/0'}",
            "name: a, listen: 'b:1', to: original, original: {allow: '::/0'}",
            "name: a, listen: ':0', to: original, original: {via: tproxy, allow: '::/0'}",
            "name: a, listen: ':1', to: original, original: {allow: '0.0.0.0/0:2-1'}",
            "name: a, listen: 80:90, to: 'b:2'", "name: a, listen: ':65536', to: 'b:2'",
            "name: a, listen: {address: 'unix:/a', mode: 0680}, to: 'b:2'",
            "name: a, listen: {address: ':1', mode: 0660}, to: 'b:2'",
            "name: a, listen: 'b:2', to: 'b:2'", "name: a, listen: ':2', to: 'localhost:2'",
            "name: a, listen: ['0.0.0.0:2', ':2'], to: 'b:2'", "name: a, listen: '127.0.0.1:9901', to: 'b:2'",
            "name: a, listen: ':1', to: ['b:2', 'b:2']",
            "name: a, listen: ':1', to: 'unix:/b', health: {check: tcp, port: 4}",
            "name: a, listen: ':1', to: {address: 'b:2', health_address: 'b:3'}",
        ])

    private static func tops(_ keys: [String]) -> [String] {
        keys.map { "\($0)\nroutes: [{name: a, listen: ':1', to: 'b:2'}]\n" }
    }

    private static func routes(_ keys: [String]) -> [String] {
        keys.map { "routes: [{name: a, listen: ':1', to: 'b:2', \($0)}]\n" }
    }

    private static func bare(_ routes: [String]) -> [String] {
        routes.map { "routes: [{\($0)}]\n" }
    }
}
