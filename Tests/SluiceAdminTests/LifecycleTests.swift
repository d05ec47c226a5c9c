import FlyingSocks
import Foundation
import SluiceCore
import Testing

@testable import SluiceAdmin

// Serialized: a Unix socket's start narrows the umask of the whole process for an instant.
@Suite(.serialized) struct LifecycleTests {
    /// Containers often have no IPv6.
    private static let hasIPv6 = FileManager.default.fileExists(atPath: "/proc/net/if_inet6")

    @Test(arguments: [Address.ip("127.0.0.1", port: 0), .name("localhost", port: 0)])
    func startTellsThePort(listen: Address) async throws {
        try await withAdminServer(listen: listen) { address in
            #expect(address.address.port != 0)
            try await AdminClient.expectAnswer(at: address)
        }
    }

    @Test(.enabled(if: hasIPv6, "this machine has no IPv6"), arguments: ["::", "::1"])
    func ipv6(host: String) async throws {
        try await withAdminServer(listen: .ip(host, port: 0)) { address in
            #expect(address.description.hasPrefix("[\(host)]:"))
            try await AdminClient.expectAnswer(at: address)
        }
    }

    @Test(.enabled(if: hasIPv6, "this machine has no IPv6"))
    func everyInterfaceTakesBothFamilies() async throws {
        try await withAdminServer(listen: .ip("::", port: 0)) { address in
            let port = try #require(address.address.port)
            for host in ["127.0.0.1", "::1"] {
                let client = ListenAddress(.ip(host, port: port))
                try await AdminClient.expectAnswer(at: client)
            }
        }
    }

    @Test func anAddressInUseIsNamed() async throws {
        try await withAdminServer { address in
            let error = await #expect(throws: AdminServerError.self) {
                _ = try await makeServer(listen: address.address).start()
            }
            #expect(
                error?.description
                    == "admin server cannot listen on \(address): "
                    + "address already in use; stop the other process or choose another"
            )
        }
    }

    @Test(arguments: [
        (Address.ip("192.0.2.1", port: 0), "Cannot assign requested address"),
        (.unix(path: "/nonexistent/admin.sock"), "No such file or directory"),
        (.name("no-such-host.invalid", port: 0), "'no-such-host.invalid': "),
    ]) func anAddressThatCannotBe(listen: Address, problem: String) async throws {
        let error = await #expect(throws: AdminServerError.self) {
            _ = try await makeServer(listen: listen).start()
        }
        #expect(error?.address == listen.description)
        #expect(error?.problem.hasPrefix(problem) == true)
    }

    @Test func stopFreesTheAddress() async throws {
        let server = makeServer(listen: .ip("127.0.0.1", port: 0))
        let address = try await server.start()
        let idle = try await AdminClient.connect(to: address)
        let run = Task { await server.run() }
        await server.stop()
        await run.value
        // Returns as the server closes: in order, or with a reset if it never accepted this one.
        _ = try? await idle.readToEnd()
        await #expect(throws: SocketError.self) { try await AdminClient.connect(to: address) }
        try await withAdminServer(listen: address.address) { #expect($0 == address) }
    }

    @Test func cancellingRunStops() async throws {
        let server = makeServer(listen: .ip("127.0.0.1", port: 0))
        let address = try await server.start()
        let run = Task { await server.run() }
        run.cancel()
        await run.value
        await #expect(throws: SocketError.self) { try await AdminClient.connect(to: address) }
    }

    @Test func aSilentClientLosesItsConnection() async throws {
        try await withAdminServer(idleTimeout: .milliseconds(20)) { address in
            let silent = try await AdminClient.connect(to: address)
            #expect(try await silent.readToEnd() == "")
            let half = try await AdminClient.connect(to: address)
            try await half.send("GET /livez HTTP/1.1\r\nHost:")
            #expect(try await half.readToEnd() == "")
            try await AdminClient.expectAnswer(at: address)
        }
    }

    @Test(.timeLimit(.minutes(1))) func aClientThatDoesNotReadLosesItsConnection() async throws {
        try await withAdminServer(idleTimeout: .milliseconds(50)) { address in
            let client = try await AdminClient.connect(to: address)
            // Far more answers than the kernel's buffers take.
            let request = "GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n"
            try await client.send(String(repeating: request, count: 2000))
            try await client.waitForReset()
        }
    }

    /// FlyingFox ends for good when accepting fails, as for want of descriptors.
    @Test(.timeLimit(.minutes(1))) func itListensAgainWhenAcceptingFailed() async throws {
        try await withAdminServer { address in
            shutDownListener(at: address)
            var status: Int?
            while status == nil {
                status = try? await AdminClient.request("GET", "/livez", at: address).status
            }
            #expect(status == 200)
        }
    }

    /// Makes `accept` fail on this process's socket that listens at `address`.
    private func shutDownListener(at address: ListenAddress) {
        for descriptor in 0..<sysconf(Int32(_SC_OPEN_MAX)) {
            let socket = Socket(file: .init(rawValue: Int32(descriptor)))
            guard let bound = try? socket.sockname(), (try? socket.remotePeer()) == nil else { continue }
            if AdminListenAddress.listenAddress(bound: bound) == address {
                shutdown(Int32(descriptor), Int32(SHUT_RDWR))
                return
            }
        }
        Issue.record("no socket listens at \(address)")
    }

    @Test func aUnixSocketIsItsUsersOwn() async throws {
        let path = freshSocketPath()
        try await withAdminServer(listen: .unix(path: path)) { address in
            #expect(address == ListenAddress(.unix(path: path)))
            try await AdminClient.expectAnswer(at: address)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func aStaleUnixSocketIsReplaced() async throws {
        let path = freshSocketPath()
        let dead = try Socket(domain: AF_UNIX)
        try dead.bind(to: sockaddr_un.unix(path: path))
        try dead.close()
        #expect(FileManager.default.fileExists(atPath: path))
        try await withAdminServer(listen: .unix(path: path)) { address in
            try await AdminClient.expectAnswer(at: address)
        }
    }

    @Test func aUnixSocketInUseIsLeftAlone() async throws {
        let path = freshSocketPath()
        try await withAdminServer(listen: .unix(path: path)) { address in
            let error = await #expect(throws: AdminServerError.self) {
                _ = try await makeServer(listen: .unix(path: path)).start()
            }
            #expect(error?.problem == "another process listens on it")
            try await AdminClient.expectAnswer(at: address)
        }
    }

    @Test func aFileThatIsNoSocketStays() async throws {
        let path = freshSocketPath()
        try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let error = await #expect(throws: AdminServerError.self) {
            _ = try await makeServer(listen: .unix(path: path)).start()
        }
        #expect(error?.problem == "the file exists and is no socket")
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("precious".utf8))
    }
}
