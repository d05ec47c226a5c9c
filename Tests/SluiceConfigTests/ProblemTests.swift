import SluiceConfig
import Testing

/// One document and everything that must be said about it.
struct Refused: Sendable, CustomTestStringConvertible {
    let text: String
    let problems: [String]
    var testDescription: String { problems.first ?? text }

    init(_ text: String, _ problems: String...) {
        self.text = text
        self.problems = problems
    }

    /// A document with one good route and, after it, `keys` at the top level on line 5.
    static func top(_ keys: String, _ problems: String...) -> Refused {
        Refused("routes:\n- name: a\n  listen: :1\n  to: b:2\n\(keys)\n", problems)
    }

    /// A document with one route that has `keys` from line 5 on.
    static func route(_ keys: String, _ problems: String...) -> Refused {
        let indented = keys.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
        return Refused("routes:\n- name: a\n  listen: :1\n  to: b:2\n\(indented)\n", problems)
    }

    private init(_ text: String, _ problems: [String]) {
        self.text = text
        self.problems = problems
    }
}

@Suite struct ProblemTests {
    @Test(arguments: Refused.documents)
    func everyProblemIsNamedWithItsPlace(refused: Refused) {
        let problems = #expect(throws: ConfigurationProblems.self) {
            try ConfigurationFile.parse(refused.text, file: "f")
        }
        #expect(problems?.problems.map(\.description) == refused.problems)
    }

    @Test func theDescriptionHasOneLineForEachProblem() {
        let problems = #expect(throws: ConfigurationProblems.self) {
            try ConfigurationFile.parse("workers: \"\\n\\e[31m\"\n\"a\\nb\": 1\nroutes: []", file: "f")
        }
        #expect(problems?.problems.count == 3)
        #expect(problems?.description.split(whereSeparator: \.isNewline).count == 3)
        #expect(problems?.description.contains("\u{1B}") == false)
    }
}

private let addresses = "127.0.0.1:5432, [::1]:5432, name:5432, :5432, unix:/path"
private let origins = "127.0.0.1:5432, [::1]:5432, name:5432, srv:_service._tcp.example, unix:/path"
private let oneOrMoreOrigins =
    "original, or one origin or a list of them, each an address (\(origins)) or a mapping of address, weight, max_connections, health_address"
private let routeKeys =
    "name, listen, to, original, source, mark, accept_proxy, send_proxy, balance, queue, health, ejection, warm_pool, class, policy, static, ring_ceiling, forbid, holdback, connection_memory, timeouts, limits, access"
private let listeners =
    "one listener or a list of them, each an address (\(addresses)) or a mapping of address, mode, group"
private let prefixes = "one prefix or a list of them: 10.0.0.0/8, 2001:db8::/32, 192.0.2.1"
private let topKeys = "workers, memory, max_connections, drain, dns, admin, log, classes, routes"
private let span = "as in 250ms, 5s, 2m or 1h"
private let sizes = "as in 4096, 64K, 1M or 2G"
private let statuses = "a status from 100 to 599 or a range of them, as in 200 or 200-399"

private let quotes = "(such an address stands in quotes here: '[::1]:5432', ':5432')"

extension Refused {
    static let documents = keys + types + values + conflicts + spellings + syntax

    static let keys: [Refused] = [
        .route(
            "lisen: :3",
            "f:5:3: routes[0]: unknown key 'lisen' (did you mean 'listen'? allowed: \(routeKeys))"
        ),
        .route(
            "idle: 5s",
            "f:5:3: routes[0]: unknown key 'idle' (did you mean 'timeouts.idle'? allowed: \(routeKeys))"
        ),
        .top("zebra: 1", "f:5:1: unknown key 'zebra' (allowed: \(topKeys))"),
        .top("<<: {workers: 1}", "f:5:1: unknown key '<<' (allowed: \(topKeys))"),
        .top("[a, b]: 1", "f:5:1: a key is plain text, found a list"),
        Refused(
            "routes: [{name: a, to: b:2, lisen: ':1'}]",
            "f:1:29: routes[0]: unknown key 'lisen' (did you mean 'listen'? allowed: \(routeKeys))"
        ),
        Refused(
            "workers: 1",
            "f:1:1: missing key 'routes' (allowed: a list, each item a mapping of \(routeKeys))"
        ),
        Refused(
            "routes: [{listen: ':1'}]",
            "f:1:10: routes[0]: missing key 'name' (allowed: 1 to 63 letters, digits, '.', '_' and '-', a letter or digit first)",
            "f:1:10: routes[0]: missing key 'to' (allowed: \(oneOrMoreOrigins))"
        ),
        .top(
            "drain: 5\ndrain: 5s\nworkers: 0\n\"workers\": 1\ndrain: 6s\nlog: {level: info, level: debug}",
            "f:5:8: drain.deadline: '5' is not a duration: a bare number has no unit (allowed: a duration from 0ms to 24h, \(span))",
            "f:6:1: duplicate key 'drain' (it stands on line 5 already)",
            "f:7:10: workers: '0' is out of range (allowed: auto, or a whole number from 1 to 1024)",
            "f:8:1: duplicate key 'workers' (it stands on line 7 already)",
            "f:9:1: duplicate key 'drain' (it stands on line 5 already)",
            "f:10:20: log: duplicate key 'level' (it stands on line 10 already)"
        ),
        .top("!!str drain: 5s\ndrain: 5s", "f:5:1: duplicate key 'drain'"),
    ]

    static let types: [Refused] = [
        .top(
            "admin: {listen: ':9901', write: yes, token_fil: x}",
            "f:5:17: admin.listen: [::]:9901 is open to other hosts (allowed: a loopback address, localhost, unix:/path, or any address with a token_file)",
            "f:5:33: admin.write: 'yes' is neither yes nor no (allowed: true, false)",
            "f:5:38: admin: unknown key 'token_fil' (did you mean 'token_file'? allowed: listen, token_file, write)"
        ),
        .top(
            "admin: {token_file: run/token}",
            "f:5:21: admin.token_file: 'run/token' is not an absolute path (allowed: an absolute path)"
        ),
        .route(
            "access:\n  allow: [10.1.2.3/8, 10.0.0.0/33]\n  deny: [here, 2001:db8::/32, '2001:0db8::/32']",
            "f:6:13: routes[0].access.allow[0]: '10.1.2.3/8' is not an address prefix: bits behind the prefix are set; did you mean '10.0.0.0/8'? (allowed: \(prefixes))",
            "f:6:25: routes[0].access.allow[1]: '10.0.0.0/33' is not an address prefix: a length here is a number from 0 to 32 (allowed: \(prefixes))",
            "f:7:12: routes[0].access.deny[0]: 'here' is not an address prefix: 'here' is neither an IPv4 nor an IPv6 address (allowed: \(prefixes))",
            "f:7:33: routes[0].access.deny: 2001:db8::/32 stands in deny already"
        ),
        .top(
            "drain: [5s]",
            "f:5:8: drain: expected a mapping, found a list (allowed: a duration from 0ms to 24h, \(span), or a mapping of grace, deadline, window, removed_origins)"
        ),
        Refused("", "f:1:1: the file is empty (allowed: a mapping with 'routes' in it)"),
        Refused("# only a comment\n", "f:1:1: the file is empty (allowed: a mapping with 'routes' in it)"),
        Refused("- a", "f:1:1: expected a mapping, found a list (allowed: a mapping of \(topKeys))"),
        Refused("hello", "f:1:1: expected a mapping, found 'hello' (allowed: a mapping of \(topKeys))"),
        Refused(
            "routes: []",
            "f:1:9: routes: expected a list of at least one route, found an empty list (allowed: a list, each item a mapping of \(routeKeys))"
        ),
        Refused(
            "routes:\n  a: {}",
            "f:2:3: routes: expected a list of at least one route, found a mapping (allowed: a list, each item a mapping of \(routeKeys))"
        ),
        Refused(
            "routes:\n- b",
            "f:2:3: routes[0]: expected a mapping, found 'b' (allowed: a mapping of \(routeKeys))"
        ),
        .top(
            "workers: [1]",
            "f:5:10: workers: expected a single value, found a list (allowed: auto, or a whole number from 1 to 1024)"
        ),
        .top(
            "memory: {a: 1}",
            "f:5:9: memory: expected a single value, found a mapping (allowed: a size from 64K to 1024G, \(sizes))"
        ),
        .top(
            "memory:",
            "f:5:8: memory: expected a single value, found nothing (allowed: a size from 64K to 1024G, \(sizes))"
        ),
        .top(
            "dns: 30s",
            "f:5:6: dns: expected a mapping, found '30s' (allowed: a mapping of refresh, removed_addresses)"
        ),
        .top(
            "admin: no",
            "f:5:8: admin: expected a mapping, found 'no' (allowed: off, or a mapping of listen, token_file, write)"
        ),
        Refused(
            "routes: [{name: a, listen: [], to: 'b:2'}]",
            "f:1:28: routes[0].listen: the list is empty (allowed: \(listeners))"
        ),
        Refused(
            "routes: [{name: a, listen: [':1', [':2']], to: 'b:2'}]",
            "f:1:35: routes[0].listen[1]: expected a single value, found a list (allowed: \(listeners))"
        ),
    ]

    static let values: [Refused] = [
        .top(
            "workers: -1",
            "f:5:10: workers: '-1' is not a whole number (allowed: auto, or a whole number from 1 to 1024)"
        ),
        .top(
            "workers: aut",
            "f:5:10: workers: 'aut' is not a whole number (did you mean 'auto'? allowed: auto, or a whole number from 1 to 1024)"
        ),
        .top(
            "workers: 99999999999999999999",
            "f:5:10: workers: '99999999999999999999' is out of range (allowed: auto, or a whole number from 1 to 1024)"
        ),
        .top(
            "memory: 4K",
            "f:5:9: memory: '4K' is out of range (allowed: a size from 64K to 1024G, \(sizes))"
        ),
        .top(
            "memory: 256 MB",
            "f:5:9: memory: '256 MB' is not a size: ' mb' is not a unit (allowed: a size from 64K to 1024G, \(sizes))"
        ),
        .top(
            "drain: never",
            "f:5:8: drain.deadline: 'never' is not a duration: it does not start with a digit (allowed: a duration from 0ms to 24h, \(span))"
        ),
        .top(
            "log: {level: warn}",
            "f:5:14: log.level: 'warn' is not a choice (allowed: trace, debug, info, notice, warning, error, critical)"
        ),
        .route(
            "policy: adaptve",
            "f:5:11: routes[0].policy: 'adaptve' is not a choice (did you mean 'adaptive'? allowed: adaptive, kernel, static)"
        ),
        .route(
            "ring_ceiling: 4095",
            "f:5:17: routes[0].ring_ceiling: '4095' is out of range (allowed: a size from 4K to 1G, \(sizes))"
        ),
        .route(
            "timeouts: {connect: 0s, half_closed: never}",
            "f:5:23: routes[0].timeouts.connect: '0s' is out of range (allowed: auto, or a duration from 1ms to 1h, \(span))",
            "f:5:40: routes[0].timeouts.half_closed: 'never' is not a duration: it does not start with a digit (allowed: auto, or a duration from 1ms to 8760h, \(span))"
        ),
        Refused(
            "routes:\n- name: a b\n  listen: 80:90\n  to: :5432",
            "f:2:9: routes[0].name: 'a b' is not a name (allowed: 1 to 63 letters, digits, '.', '_' and '-', a letter or digit first)",
            "f:3:11: routes[0].listen: '80:90' is not an address: '80' is neither an address nor a host name (allowed: \(listeners))",
            "f:4:7: routes[0].to: ':5432' is not an address: an origin needs a host (allowed: \(oneOrMoreOrigins))"
        ),
        Refused(
            "routes:\n- name: a\n  listen: :70000\n  to: b:0",
            "f:3:11: routes[0].listen: ':70000' is not an address: the port is a number from 0 to 65535 (allowed: \(listeners))",
            "f:4:7: routes[0].to: 'b:0' is not an address: an origin needs a port from 1 to 65535 (allowed: \(oneOrMoreOrigins))"
        ),
        Refused(
            "routes:\n- name: a\n  listen: :1\n  to: [b:2, {weight: 0}, {address: ':3', wait: 1}]",
            "f:4:13: routes[0].to[1]: missing key 'address' (allowed: \(origins))",
            "f:4:22: routes[0].to[1].weight: '0' is out of range (allowed: a whole number from 1 to 256)",
            "f:4:36: routes[0].to[2].address: ':3' is not an address: an origin needs a host (allowed: \(origins))",
            "f:4:42: routes[0].to[2]: unknown key 'wait' (allowed: address, weight, max_connections, health_address)"
        ),
        Refused(
            "routes:\n- name: a\n  listen: :1\n  to: []",
            "f:4:7: routes[0].to: the list is empty (allowed: \(oneOrMoreOrigins))"
        ),
        Refused(
            "routes:\n- name: a\n  listen: unix:/\(String(repeating: "x", count: 107))\n  to: b:2",
            "f:3:11: routes[0].listen: 'unix:/\(String(repeating: "x", count: 107))' is not an address: a Unix socket's path has at most 107 bytes (allowed: \(listeners))"
        ),
    ]

    static let conflicts: [Refused] = [
        Refused(
            "routes:\n- name: a\n  listen: {address: 'unix:/a', mode: 0680, group: a b}\n  to: b:2",
            "f:3:38: routes[0].listen.mode: '0680' is no mode of a file (allowed: three octal digits and a 0 before them or not, as in 0660)",
            "f:3:51: routes[0].listen.group: 'a b' is not one word (allowed: 1 to 256 printable ASCII characters without blanks)"
        ),
        Refused(
            "routes:\n- name: a\n  listen: [':1', {address: ':2', mode: 0660}, {mode: 0660}]\n  to: b:2",
            "f:3:40: routes[0].listen[1].mode: [::]:2 is no Unix socket (allowed: with unix:/path)",
            "f:3:47: routes[0].listen[2]: missing key 'address' (allowed: \(addresses))"
        ),
        Refused(
            "routes:\n- name: a\n  listen: '127.0.0.1:1'\n  to: [b:2, {address: B:2}, '127.0.0.1:1']",
            "f:4:23: routes[0].to: B:2 stands there twice (allowed: once, with a weight)",
            "f:4:29: routes[0].to: 127.0.0.1:1 is the route's own listener: it would connect to itself"
        ),
        .route(
            "health: {check: redis, user: a, path: /}",
            "f:5:32: routes[0].health.user: the check is redis (allowed: with check: postgres)",
            "f:5:41: routes[0].health.path: the check is redis (allowed: with check: http)"
        ),
        .route(
            "health: {check: send_expect, send: a}",
            "f:5:11: routes[0].health.expect: check send_expect needs what to expect (allowed: expect: text)"
        ),
        .route(
            "health: {check: http, path: a b}",
            "f:5:31: routes[0].health.path: 'a b' is not one word (allowed: 1 to 256 printable ASCII characters without blanks)"
        ),
        .route(
            "health: {check: tcp, status: 200, port: 0, on_unhealthy: drop}",
            "f:5:32: routes[0].health.status: the check is tcp (allowed: with check: http)",
            "f:5:43: routes[0].health.port: '0' is out of range (allowed: auto, or a whole number from 1 to 65535)",
            "f:5:60: routes[0].health.on_unhealthy: 'drop' is not a choice (allowed: keep, close)"
        ),
        .route(
            "health: {check: http, status: 2xx}",
            "f:5:33: routes[0].health.status: '2xx' is neither a status nor a range (allowed: \(statuses))"
        ),
        .route(
            "health: {check: http, status: 299-200}",
            "f:5:33: routes[0].health.status: the range '299-200' is empty (allowed: \(statuses))"
        ),
        Refused(
            "routes:\n- {name: a, listen: ':1', to: ['srv:_a._tcp.b', c:2, 'unix:/d'],\n  health: {check: tcp, port: 8008}}",
            "f:3:30: routes[0].health.port: srv:_a._tcp.b has no port that this could replace (allowed: auto, or a health_address for that origin)",
            "f:3:30: routes[0].health.port: unix:/d has no port that this could replace (allowed: auto, or a health_address for that origin)"
        ),
        Refused(
            "routes:\n- {name: a, listen: ':1', to: {address: b:2, health_address: b:3}}",
            "f:2:41: routes[0].to: b:2 has a health_address, but is not checked (allowed: with health)"
        ),
        .route(
            "ejection: {time: 10m}",
            "f:5:20: routes[0].ejection.time: 10m is more than max_time (allowed: at most 5m)"
        ),
        .route(
            "warm_pool: {}\nsource: client",
            "f:5:14: routes[0].warm_pool: the origin is to see the client's address (allowed: with source: own)"
        ),
        .route(
            "warm_pool: {max: 4}\nsend_proxy: v2",
            "f:5:14: routes[0].warm_pool: the origin is to be told the client's address (allowed: with send_proxy: off)"
        ),
        .route(
            "policy: static",
            "f:2:3: routes[0].static: policy static needs its sizes (allowed: static: {ring: 64K})"
        ),
        .route(
            "policy: static\nstatic: {}",
            "f:6:11: routes[0].static: missing key 'ring' (allowed: a size from 4K to 1G, \(sizes))"
        ),
        .route(
            "static: {ring: 64K}",
            "f:5:11: routes[0].static: sizes are given, but the policy is adaptive (allowed: with policy: static)"
        ),
        .route(
            "policy: kernel\nstatic: {ring: 64K}",
            "f:6:11: routes[0].static: sizes are given, but the policy is kernel (allowed: with policy: static)"
        ),
        .route(
            "ring_ceiling: 512M",
            "f:5:17: routes[0].ring_ceiling: 512M is more than memory (allowed: at most 256M)"
        ),
        .route(
            "policy: static\nstatic: {ring: 64K, congestion_control: sixteen_letters_}",
            "f:6:43: routes[0].static.congestion_control: 'sixteen_letters_' is not a congestion control (allowed: kernel, or a name of 1 to 15 characters, as in sysctl net.ipv4.tcp_available_congestion_control)"
        ),
        .route(
            "forbid: [pacing, send_bufer]",
            "f:5:20: routes[0].forbid[1]: 'send_bufer' is not a choice (did you mean 'send_buffer'? allowed: none, or one or a list of notsent_lowat, pacing, send_buffer, source_window, congestion_control)"
        ),
        .route(
            "holdback: 0.05",
            "f:5:13: routes[0].holdback: '0.05' is not a percentage (allowed: a percentage from 0% to 50%, as in 0.5% or 5%)"
        ),
        .route(
            "holdback: 51%",
            "f:5:13: routes[0].holdback: '51%' is out of range (allowed: a percentage from 0% to 50%, as in 0.5% or 5%)"
        ),
        .top(
            "classes: {llm: {queue_budget: 50}}",
            "f:5:31: classes.llm.queue_budget: '50' is not a duration: a bare number has no unit (allowed: auto, or a duration from 1ms to 10s, \(span))"
        ),
        .route(
            "policy: static\nstatic: {ring: 512M}",
            "f:6:18: routes[0].static.ring: 512M is more than memory (allowed: at most 256M)"
        ),
        .top(
            "memory: 512K",
            "f:5:9: memory: 512K is less than the default of routes[0].ring_ceiling (allowed: at least 1M, or a smaller routes[0].ring_ceiling)"
        ),
        Refused(
            "routes:\n- {name: a, listen: ':1', to: 'b:2'}\n- {name: a, listen: [':3', '[::]:1'], to: 'b:2'}",
            "f:3:10: routes[1].name: the name 'a' is taken by routes[0]",
            "f:3:28: routes[1].listen: [::]:1 is listened on by routes[0] already"
        ),
        Refused(
            "routes:\n- {name: a, listen: '127.0.0.1:9901', to: 'b:2'}",
            "f:2:21: routes[0].listen: 127.0.0.1:9901 is listened on by admin already"
        ),
        Refused(
            "routes:\n- {name: a, listen: ':5432', to: [db:5432, '127.0.0.1:5432', 'localhost:5433', '[::1]:5432']}",
            "f:2:44: routes[0].to: 127.0.0.1:5432 is the route's own listener: it would connect to itself",
            "f:2:80: routes[0].to: [::1]:5432 is the route's own listener: it would connect to itself"
        ),
        Refused(
            "routes:\n- {name: a, listen: ':5432', to: 'b:1'}\n- {name: c, listen: ['127.0.0.1:5432', '0.0.0.0:5432'], to: 'b:1'}",
            "f:3:40: routes[1].listen: 0.0.0.0:5432 is listened on by routes[0] already, with [::]:5432"
        ),
        Refused(
            "routes:\n- {name: a, listen: ['b:2', 'b:2'], to: 'b:2'}",
            "f:2:29: routes[0].listen: b:2 is listened on by routes[0] already",
            "f:2:41: routes[0].to: b:2 is the route's own listener: it would connect to itself"
        ),
    ]

    static let spellings: [Refused] = [
        Refused(
            "routes:\n- {name: a, listen: ['[::1]:1', '[0:0::1]:1'], to: 'b:2'}",
            "f:2:33: routes[0].listen: [0:0::1]:1 is listened on by routes[0] already"
        ),
        Refused(
            "routes:\n- {name: a, listen: 'DB:2', to: 'db:2'}",
            "f:2:33: routes[0].to: db:2 is the route's own listener: it would connect to itself"
        ),
        .top(
            "memory: 9\nadmin: {listen: ':1', token_file: /run/token}",
            "f:3:11: routes[0].listen: [::]:1 is listened on by admin already",
            "f:5:9: memory: '9' is out of range (allowed: a size from 64K to 1024G, as in 4096, 64K, 1M or 2G)"
        ),
    ]

    static let syntax: [Refused] = [
        Refused(
            "routes:\n\t- name: a",
            "f:2:1: not valid YAML: while scanning for the next token, found character that cannot start any token (indent with spaces, not with tabs)"
        ),
        Refused(
            "routes:\n- name: a\n  listen: [::]:5432\n  to: b:2",
            "f:3:12: not valid YAML: while parsing a flow node, did not find expected node content \(quotes)"
        ),
        Refused(
            "routes:\n- name: a\n  listen: [:5432, :5433]\n  to: b:2",
            "f:3:12: not valid YAML: while parsing a flow node, did not find expected node content \(quotes)"
        ),
        Refused(
            "routes:\n- name: 'a\n",
            "f:2:1: not valid YAML: while scanning a quoted scalar, found unexpected end of stream"
        ),
        Refused(
            "routes: [a, b",
            "f:1:1: not valid YAML: while parsing a flow sequence, did not find expected ',' or ']'"
        ),
        Refused(
            "workers: 1\n---\nworkers: 2\n",
            "f:2:1: not valid YAML: expected a single document in the stream, but found another document"
        ),
        Refused("workers: *nobody\n", "f:1:10: not valid YAML: found undefined alias"),
        Refused("workers: 1\nmemory: \u{1}\n", "f:2:9: not valid YAML: control characters are not allowed"),
        Refused("a: b: c", "f:1:5: not valid YAML: mapping values are not allowed in this context"),
        Refused(
            String(repeating: "[", count: 5000),
            "f:1:1: not valid YAML: while parsing, Maximum nesting level reached, set with yaml_set_max_nest_level())"
        ),
    ]
}
