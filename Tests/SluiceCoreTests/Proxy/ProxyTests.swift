import Logging
import SluiceControl
import SluiceRandom
import Testing

@testable import SluiceCore

/// A whole proxy in this process, between two sockets of the test.
@Suite(.timeLimit(.minutes(1))) struct ProxyTests {
    private func proxy(to origins: SocketAddress..., policy: Policy = .adaptive) throws -> Proxy {
        var route = RouteConfiguration(
            name: "test",
            listen: [ListenAddress(.ip("127.0.0.1", port: 0))],
            origin: OriginAddress(try Address(parsing: origins[0].description))
        )
        route.origins = try origins.map {
            OriginConfiguration(OriginAddress(try Address(parsing: $0.description)))
        }
        route.policy = policy
        var configuration = Configuration(routes: [route])
        configuration.workers = 2
        configuration.drain.deadline = .zero
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let proxy = try Proxy(configuration, logger: logger, logWriter: PipedLog().writer)
        proxy.start()
        return proxy
    }

    private func client(of proxy: Proxy) throws -> BlockingSocket {
        guard case .ip(let host, let port) = try Address(parsing: proxy.listening[0].address) else {
            throw AddressError(text: proxy.listening[0].address, problem: "it is no literal")
        }
        return BlockingSocket.connected(to: try #require(SocketAddress(literal: host, port: port)))
    }

    private func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    @Test(arguments: [Policy.adaptive, .kernel, .fixed(StaticSizes(ringBytes: 4096, notSentLowat: 4096))])
    func bytesAndEndsOfFilePassBothWays(policy: Policy) async throws {
        let listener = BlockingSocket.listening()
        defer { listener.close() }
        let proxy = try proxy(to: listener.address, policy: policy)
        let client = try client(of: proxy)
        let origin = listener.accept()
        let (request, answer) = (bytes(40_000, seed: 1), bytes(30_000, seed: 2))

        #expect(client.send(request))
        client.endSending()
        #expect(origin.receiveAll() == request)
        // The client has closed its half only.
        #expect(origin.send(answer))
        origin.endSending()
        #expect(client.receiveAll() == answer)

        var total = RouteMetrics()
        for worker in await proxy.metrics() { total.merge(worker.routes[0]) }
        #expect(total.opened == 1 && total.live == 0)
        #expect(total.closed[CloseReason.completed.index] == 1)
        #expect(total.relayedBytes == [40_000, 30_000])
        #expect(total.heldBytes == [0, 0])
        client.close()
        origin.close()
        proxy.drain()
        await proxy.finished()
        #expect(!proxy.isReady)
        #expect(await proxy.connections().isEmpty)
    }

    /// The baseline to compare with: both sockets have what was written down, and the handshake was not touched.
    @Test func aStaticPolicySetsBothSockets() async throws {
        let sizes = StaticSizes(
            ringBytes: 8192,
            sendBuffer: 100_000,
            receiveBuffer: 50_000,
            congestionControl: .reno
        )
        let listener = BlockingSocket.listening()
        defer { listener.close() }
        let proxy = try proxy(to: listener.address, policy: .fixed(sizes))
        let client = try client(of: proxy)
        let origin = listener.accept()
        #expect(client.send([1]))
        var received = [UInt8](repeating: 0, count: 1)
        #expect(origin.receive(&received) == 1)

        var expected = SocketFacts(of: client.descriptor)
        expected.sendBuffer = 200_000
        expected.receiveBuffer = 100_000
        expected.congestionControl = .reno
        for peer in [client, origin] {
            let leg = try #require(SocketFacts.descriptor(connectedTo: peer.address))
            #expect(SocketFacts(of: leg) == expected)
        }
        var total = RouteMetrics()
        for worker in await proxy.metrics() { total.merge(worker.routes[0]) }
        #expect(total.socketOptionFailures == 0)
        client.close()
        origin.close()
        proxy.drain()
        await proxy.finished()
    }

    @Test func anOriginThatRefusesIsAResetAndACount() async throws {
        // Bound and not listening: it refuses, and no other socket gets its port meanwhile.
        let refusing = BlockingSocket.bound()
        defer { refusing.close() }
        let proxy = try proxy(to: refusing.address)
        let client = try client(of: proxy)
        #expect(client.receiveAll() == nil)
        client.close()
        var total = RouteMetrics()
        for worker in await proxy.metrics() { total.merge(worker.routes[0]) }
        #expect(total.closed[CloseReason.connectRefused.index] == 1)
        #expect(total.connectFailures == 1)
        proxy.drain()
        await proxy.finished()
    }

    @Test func aDrainedOriginKeepsWhatItHasAndGetsNothingNew() async throws {
        let listeners = [BlockingSocket.listening(), BlockingSocket.listening()]
        defer { for listener in listeners { listener.close() } }
        let proxy = try proxy(to: listeners[0].address, listeners[1].address)
        let name = listeners[0].address.description
        #expect(
            !proxy.setDrained(true, origin: "127.0.0.1:1", ofRoute: "test")
                && !proxy.setDrained(true, origin: name, ofRoute: "none")
        )

        func waitForConnects(_ count: UInt64) async {
            while proxy.origins.reduce(0, { $0 + $1.connects }) < count { await Task.yield() }
        }
        var clients = try (0..<4).map { _ in try client(of: proxy) }
        await waitForConnects(4)
        // The first of each worker goes there.
        let before = proxy.origins[0].connects
        let kept = listeners[0].accept()
        #expect(proxy.setDrained(true, origin: name, ofRoute: "test"))
        #expect(proxy.origins.map(\.state) == [.drained, .available])
        clients += try (0..<4).map { _ in try client(of: proxy) }
        await waitForConnects(8)
        #expect(proxy.origins.map(\.connects) == [before, 8 - before])
        #expect(proxy.origins[0].connections == Int(before))
        #expect(kept.send([1]))

        #expect(proxy.setDrained(false, origin: name, ofRoute: "test"))
        #expect(proxy.origins[0].state == .available)
        for client in clients { client.close() }
        kept.close()
        proxy.drain()
        await proxy.finished()
    }

    @Test func aDrainsDeadlineEndsWhatIsOpen() async throws {
        let listener = BlockingSocket.listening()
        defer { listener.close() }
        let proxy = try proxy(to: listener.address)
        let client = try client(of: proxy)
        let origin = listener.accept()
        #expect(client.send([1, 2, 3]))
        var received = [UInt8](repeating: 0, count: 3)
        #expect(origin.receive(&received) == 3)
        #expect(await proxy.connections().count == 1)
        proxy.drain()
        proxy.drain()
        await proxy.finished()
        // Neither side had finished, so neither is shown an end in order.
        #expect(client.receiveAll() == nil && origin.receiveAll() == nil)
        client.close()
        origin.close()
    }
}
