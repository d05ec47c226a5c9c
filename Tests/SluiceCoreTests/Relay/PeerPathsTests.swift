import SluiceControl
import Testing

@testable import SluiceCore

@Suite struct PeerPathsTests {
    private let paths = PeerPaths()

    private func join(_ host: String, port: UInt16 = 5000) throws -> PeerPath? {
        paths.join(try #require(SocketAddress(literal: host, port: port)))
    }

    @Test func flowsOfOnePeerShareAPath() throws {
        let first = try #require(try join("192.0.2.1", port: 1))
        #expect(try first === join("192.0.2.1", port: 2))
        #expect(try first !== join("192.0.2.2"))
        // IPv4 by another name.
        #expect(try first === join("::ffff:192.0.2.1"))
        #expect(paths.count == 2)
    }

    @Test func ipv6IsTakenByItsNetwork() throws {
        let first = try #require(try join("2001:db8:0:1::1"))
        #expect(try first === join("2001:db8:0:1:ffff::2"))
        #expect(try first !== join("2001:db8:0:2::1"))
    }

    @Test(arguments: ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
    func thereIsNoPathToThisHost(host: String) throws {
        #expect(try join(host) == nil)
        #expect(paths.count == 0)
    }

    @Test func thereIsNoPathToAUnixSocket() {
        #expect(paths.join(.unix("/run/x")) == nil)
    }

    @Test func anEntryGoesWithItsLastConnection() throws {
        let path = try #require(try join("192.0.2.1"))
        _ = try join("192.0.2.1")
        paths.leave(path)
        #expect(paths.count == 1)
        #expect(try path === join("192.0.2.1"))
        paths.leave(path)
        paths.leave(path)
        #expect(paths.count == 0)
        #expect(try path !== join("192.0.2.1"))
    }

    @Test func threadsJoinAndLeaveAtOnce() async throws {
        let peers = try (1...8).map { try #require(SocketAddress(literal: "192.0.2.\($0)", port: 1)) }
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask { [paths] in
                    for round in 0..<2000 {
                        guard let path = paths.join(peers[(worker + round) % peers.count]) else { return }
                        path.towards.withLock { $0 = Bottleneck() }
                        paths.leave(path)
                    }
                }
            }
        }
        #expect(paths.count == 0)
    }
}
