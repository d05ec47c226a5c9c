import Foundation

/// The services of a soak: three real servers, one that exchanges streams, and those that go wrong.
struct SoakRoutes {
    static let names = ["cache", "database", "web", "bulk", "faulty", "refusing", "silent"]

    let redis: Endpoint
    let postgres: PostgresServer
    let nginx: Endpoint
    let bulk: ExchangeOrigin
    let faulty: FaultyOrigin
    let blackHole: BlackHole
    let refusing: Endpoint

    /// Nginx serves this file, which is a stretch of `page`.
    static let page = Pattern(seed: 40)
    static let pageBytes = 100_000

    static func with(_ body: (SoakRoutes) throws -> Void) throws {
        try withTemporaryDirectory { root in
            try page.write(byteCount: pageBytes, to: root.appendingPathComponent("page"))
            try withRedis { redis in
                try withPostgres { postgres in
                    try withNginx(serving: root) { nginx in
                        try body(
                            SoakRoutes(
                                redis: redis,
                                postgres: postgres,
                                nginx: nginx,
                                bulk: ExchangeOrigin(),
                                faulty: FaultyOrigin(),
                                blackHole: BlackHole(),
                                refusing: .loopback(Endpoint.freePort())
                            )
                        )
                    }
                }
            }
        }
    }

    /// The configuration of the nth reload. Every one changes settings, and every other one the routes.
    func configuration(generation: Int) -> String {
        let extra =
            generation % 2 == 0
            ? "" : "\n  - {name: extra, listen: \"127.0.0.4:0\", to: \"\(bulk.endpoint)\"}"
        let faultTimeouts = "timeouts: {connect: 200ms, idle: 10s, half_closed: 200ms}"
        return """
            workers: 2
            memory: 32M
            drain: 5s
            admin: {listen: "127.0.0.1:0"}
            log: {format: json, level: notice}
            max_connections: \(10_000 + generation)
            routes:
              - {name: cache, listen: "127.0.0.1:0", to: "\(redis)", class: cache}
              - {name: database, listen: "127.0.0.1:0", to: "\(postgres.endpoint)", class: database}
              - {name: web, listen: "127.0.0.1:0", to: "\(nginx)", limits: {connections: \(5000 + generation)}, warm_pool: {max_age: 1s}}
              - {name: bulk, listen: "127.0.0.1:0", to: "\(bulk.endpoint)", class: network}
              - {name: faulty, listen: "127.0.0.1:0", to: "\(faulty.endpoint)", \(faultTimeouts)}
              - {name: refusing, listen: "127.0.0.1:0", to: "\(refusing)"}
              - {name: silent, listen: "127.0.0.1:0", to: "\(blackHole.endpoint)", \(faultTimeouts)}\(extra)

            """
    }
}

/// An origin that plays the other end of an `Exchange` for each client.
final class ExchangeOrigin: Sendable {
    static let byteCount = 300_000
    let endpoint: Endpoint
    private let listener: Listener

    init() throws {
        listener = try Listener()
        endpoint = listener.endpoint
        listener.serve { peer in
            let seed = try Self.seed(of: peer.receive(exactly: 4))
            try Self.run(on: peer, sending: seed + 1, receiving: seed)
        }
    }

    deinit { listener.close() }

    /// The client's end: both directions at once, every byte checked.
    static func exchange(through proxy: Endpoint, seed: UInt32) throws {
        let peer = try Peer.connect(to: proxy)
        try peer.send(withUnsafeBytes(of: seed.bigEndian) { Array($0) })
        try run(on: peer, sending: UInt64(seed), receiving: UInt64(seed) + 1)
    }

    private static func seed(of bytes: [UInt8]) throws -> UInt64 {
        guard bytes.count == 4 else { throw StreamEnded(offset: bytes.count, expected: 4) }
        return bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func run(on peer: Peer, sending: UInt64, receiving: UInt64) throws {
        var exchange = Exchange(
            outgoing: Pattern(seed: sending),
            incoming: Pattern(seed: receiving),
            byteCount: byteCount,
            seed: sending
        )
        try exchange.run(on: peer)
        peer.close()
    }
}

/// An origin that does to each client what the client's first byte asks for.
final class FaultyOrigin: Sendable {
    enum Fault: UInt8, CaseIterable {
        case closeAtOnce, resetInMidStream, answerAndClose, halfCloseForEver, readNothing
    }

    static let pattern = Pattern(seed: 41)
    let endpoint: Endpoint
    private let listener: Listener

    init() throws {
        listener = try Listener()
        endpoint = listener.endpoint
        // However it ends, it was meant to.
        listener.serve { try? Self.fail($0) }
    }

    deinit { listener.close() }

    private static func fail(_ peer: Peer) throws {
        guard let fault = Fault(rawValue: try peer.receive(exactly: 1).first ?? 0) else {
            return peer.close()
        }
        switch fault {
        case .closeAtOnce: peer.close()
        case .resetInMidStream:
            try peer.send(pattern, 0..<200_000)
            try peer.reset()
        case .answerAndClose:
            try peer.send(pattern, 0..<1000)
            peer.close()
        case .halfCloseForEver:
            try peer.send(pattern, 0..<1000)
            peer.closeWrite()
            try peer.waitForClose()
        case .readNothing:
            try peer.waitForEvents(Int32(POLLHUP), what: "the client's reset")
        }
    }
}
