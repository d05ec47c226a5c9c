import Foundation
import Testing

@Suite struct AddressFamilyTests {
    @Test(.needsIPv6) func `IPv6 on both sides`() throws {
        let origin = try Listener(host: "::1")
        try relay(listen: "[::1]:0", to: origin)
    }

    @Test(.needsIPv6) func `IPv6 clients, IPv4 origin`() throws {
        let origin = try Listener()
        try relay(listen: "[::1]:0", to: origin)
    }

    @Test(.needsIPv6) func `IPv4 clients, IPv6 origin`() throws {
        let origin = try Listener(host: "::1")
        try relay(listen: "127.0.0.1:0", to: origin)
    }

    @Test func `Unix sockets on both sides, and the file is gone afterwards`() throws {
        try withTemporaryDirectory { directory in
            let socket = directory.appendingPathComponent("front.sock").path
            let origin = try Listener(on: .unix(path: directory.appendingPathComponent("back.sock").path))
            try relay(listen: "unix:\(socket)", to: origin)
            #expect(!FileManager.default.fileExists(atPath: socket))
        }
    }

    @Test func `Unix clients, TCP origin`() throws {
        try withTemporaryDirectory { directory in
            let origin = try Listener()
            try relay(listen: "unix:\(directory.appendingPathComponent("front.sock").path)", to: origin)
        }
    }

    @Test func `TCP clients, Unix origin`() throws {
        try withTemporaryDirectory { directory in
            let origin = try Listener(on: .unix(path: directory.appendingPathComponent("back.sock").path))
            try relay(listen: "127.0.0.1:0", to: origin)
        }
    }

    @Test func `a route that listens in two places`() throws {
        let origin = try Listener()
        let configuration = Self.configuration(listen: #"["127.0.0.1:0", "127.0.0.2:0"]"#, to: origin)
        try withSluice(configuration: configuration) { sluice in
            let listeners = try sluice.listeners(of: "service", count: 2)
            #expect(Set(listeners.map(\.description)).count == 2)
            for listener in listeners {
                try Peer.connect(to: listener).roundTrip(through: origin.accept())
            }
        }
    }

    /// A transfer and a half-close each way.
    private func relay(listen: String, to origin: Listener) throws {
        try withSluice(configuration: Self.configuration(listen: #""\#(listen)""#, to: origin)) { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            let pattern = Pattern(seed: 9)
            let sending = Background {
                try client.send(pattern, 0..<4 << 20)
                client.closeWrite()
            }
            try server.receive(pattern, 0..<4 << 20)
            try server.expectEnd()
            try server.send("thanks")
            server.close()
            #expect(try client.receiveToEnd() == Array("thanks".utf8))
            try sending.value()
            client.close()
            try sluice.expectClosed("completed")
        }
    }

    private static func configuration(listen: String, to origin: Listener) -> String {
        """
        admin: off
        log: {format: json}
        drain: 5s
        routes:
          - name: service
            listen: \(listen)
            to: "\(origin.endpoint)"
        """
    }
}
