import Glibc
import Testing

@testable import SluiceCore

@Suite struct ListenSocketTests {
    private func close(_ sockets: [ListenSocket]) {
        for socket in sockets { Glibc.close(socket.descriptor) }
    }

    private func boundPort(of socket: ListenSocket) -> UInt16? {
        switch socket.address {
        case .ipv4(_, let port), .ipv6(_, _, let port, _): port
        case .unix: nil
        }
    }

    @Test(arguments: ["127.0.0.1:0", "[::1]:0", ":0", "localhost:0"])
    func socketsOfPortZeroShareTheOneThatTheKernelChose(text: String) throws {
        let sockets = try ListenSocket.open(ListenAddress(Address(parsing: text)), count: 4)
        defer { close(sockets) }
        #expect(sockets.count == 4)
        #expect(Set(sockets.map(\.descriptor)).count == 4)
        #expect(Set(sockets.map(\.address)).count == 1)
        #expect(try #require(boundPort(of: sockets[0])) > 0)
        if text.hasPrefix("localhost") { #expect(sockets[0].address.isLoopback) }
    }

    @Test func everyInterfaceMeansBothFamilies() throws {
        let sockets = try ListenSocket.open(ListenAddress(Address(parsing: ":0")), count: 1)
        defer { close(sockets) }
        let port = try #require(boundPort(of: sockets[0]))
        for host in ["127.0.0.1", "::1"] {
            let client = BlockingSocket.connected(to: try #require(SocketAddress(literal: host, port: port)))
            client.close()
        }
    }

    @Test func aTakenPortIsAnErrorThatNamesIt() throws {
        // Without SO_REUSEPORT, so it shares with nobody.
        let taken = BlockingSocket.listening()
        defer { taken.close() }
        guard case .ipv4(_, let port) = taken.address else { return }
        #expect(throws: SystemError(code: EADDRINUSE, call: "bind", subject: "127.0.0.1:\(port)")) {
            try ListenSocket.open(ListenAddress(.ip("127.0.0.1", port: port)), count: 2)
        }
    }

    @Test func anAddressOfAnotherHostIsAnError() {
        #expect(throws: SystemError(code: EADDRNOTAVAIL, call: "bind", subject: "192.0.2.1:0")) {
            try ListenSocket.open(ListenAddress(.ip("192.0.2.1", port: 0)), count: 2)
        }
    }

    @Test func aNameThatIsNoneIsAnError() {
        let name = String(repeating: "x", count: 64)
        #expect(throws: SystemError(code: EADDRNOTAVAIL, call: "getaddrinfo", subject: name)) {
            try ListenSocket.open(ListenAddress(.name(name, port: 0)), count: 1)
        }
    }

    @Test func theWorkersShareTheQueueOfAUnixSocket() throws {
        let directory = TemporaryDirectory()
        let path = "\(directory.path)/shared"
        let sockets = try ListenSocket.open(ListenAddress(.unix(path: path)), count: 3)
        defer { close(sockets) }
        #expect(Set(sockets.map(\.descriptor)).count == 3)
        #expect(sockets.allSatisfy { $0.address == .unix(path) })
        let client = BlockingSocket.connected(to: .unix(path))
        defer { client.close() }
        let accepted = accept(sockets[2].descriptor, nil, nil)
        #expect(accepted >= 0)
        Glibc.close(accepted)
    }

    @Test func aUnixSocketsFileHasTheModeAndTheGroupThatAreAskedFor() throws {
        let directory = TemporaryDirectory()
        let path = "\(directory.path)/open"
        var address = ListenAddress(.unix(path: path))
        address.permissions.mode = 0o626
        // Root may take any.
        let group = geteuid() == 0 ? 4242 : getegid()
        address.permissions.group = "\(group)"
        let sockets = try ListenSocket.open(address, count: 1)
        defer { close(sockets) }
        var status = stat()
        #expect(lstat(path, &status) == 0 && status.st_mode & 0o7777 == 0o626 && status.st_gid == group)
        BlockingSocket.connected(to: .unix(path)).close()
    }

    @Test func aGroupIsKnownByItsNameOrItsNumber() {
        var permissions = SocketPermissions()
        #expect(permissions.unknownGroup == nil)
        for known in ["root", "0", "4242"] {
            permissions.group = known
            #expect(permissions.unknownGroup == nil)
        }
        permissions.group = "no-such-group"
        #expect(permissions.unknownGroup == "no-such-group")
    }

    @Test func permissionsThatTheFileCannotHaveAreAnError() {
        let directory = TemporaryDirectory()
        var permissions = SocketPermissions()
        permissions.mode = 0o600
        let path = "\(directory.path)/none"
        #expect(throws: SystemError(code: ENOENT, call: "chmod", subject: "unix:\(path)")) {
            try permissions.apply(to: path)
        }
        permissions.group = "0"
        #expect(throws: SystemError(code: ENOENT, call: "chown", subject: "unix:\(path)")) {
            try permissions.apply(to: path)
        }
    }

    @Test func aSocketFileThatNobodyListensOnIsReplaced() throws {
        let directory = TemporaryDirectory()
        let address = ListenAddress(.unix(path: "\(directory.path)/stale"))
        close(try ListenSocket.open(address, count: 1))
        let sockets = try ListenSocket.open(address, count: 1)
        defer { close(sockets) }
        BlockingSocket.connected(to: .unix("\(directory.path)/stale")).close()
    }

    @Test func aLiveOneIsRefused() throws {
        let directory = TemporaryDirectory()
        let path = "\(directory.path)/live"
        let sockets = try ListenSocket.open(ListenAddress(.unix(path: path)), count: 1)
        defer { close(sockets) }
        #expect(throws: SystemError(code: EADDRINUSE, call: "bind", subject: "unix:\(path)")) {
            try ListenSocket.open(ListenAddress(.unix(path: path)), count: 1)
        }
        BlockingSocket.connected(to: .unix(path)).close()
    }

    @Test func aRegularFileStays() throws {
        let directory = TemporaryDirectory()
        let path = "\(directory.path)/file"
        let file = open(path, O_WRONLY | O_CREAT, 0o600)
        #expect(write(file, "keep", 4) == 4)
        Glibc.close(file)
        #expect(throws: SystemError(code: EADDRINUSE, call: "bind", subject: "unix:\(path)")) {
            try ListenSocket.open(ListenAddress(.unix(path: path)), count: 1)
        }
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_size == 4)
    }

    @Test func aDirectoryThatIsNotThereIsAnError() {
        let path = "/nonexistent/sluice.sock"
        #expect(throws: SystemError(code: ENOENT, call: "bind", subject: "unix:\(path)")) {
            try ListenSocket.open(ListenAddress(.unix(path: path)), count: 1)
        }
    }
}
