import Testing

/// PROXY protocol headers before and behind Sluice: who the client is, and what it costs to lie about it.
@Suite struct ProxyProtocolTests {
    private static let accepting = "accept_proxy: {from: 127.0.0.1}"

    /// TLVs of a version 2 header: an ALPN, then a type of the range for applications.
    private static let tlvs: [UInt8] = [0x01, 0, 2, 0x68, 0x32, 0xE1, 0, 3, 7, 8, 9]

    /// Version 2, PROXY, TCP over IPv4: from 192.0.2.7:4660 to 198.51.100.9:443.
    private static func binary(tlvs: [UInt8] = []) -> [UInt8] {
        let addresses: [UInt8] = [192, 0, 2, 7, 198, 51, 100, 9, 0x12, 0x34, 0x01, 0xBB]
        let block = addresses + tlvs
        return Array("\r\n\r\n\0\r\nQUIT\n".utf8) + [0x21, 0x11, 0, UInt8(block.count)] + block
    }

    private static let line = "PROXY TCP4 192.0.2.7 198.51.100.9 4660 443\r\n"

    // MARK: Accepting

    @Test(arguments: [Array(line.utf8), binary(), binary(tlvs: tlvs)])
    func `the announced address is the client's, and the origin gets only what follows`(header: [UInt8])
        throws
    {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: Self.accepting) { sluice in
            let client = try Peer.connect(to: sluice.listener())
            try client.send(header + Array("hello".utf8))
            let server = try origin.accept()
            try server.expect("hello")
            #expect(try sluice.connections().first?.client?.string == "192.0.2.7:4660")
            try client.roundTrip(through: server)
            client.close()
            server.close()
            let line = try sluice.expectClosed("completed")
            #expect(line.client?.string == "192.0.2.7:4660")
            #expect(line.peer?.string?.hasPrefix("127.0.0.1:") == true)
            #expect(line.upstream_bytes?.int == 9)
            #expect(try sluice.metrics().sum("sluice_proxy_headers_total", ["result": "accepted"]) == 1)
        }
    }

    /// Nothing is dialled before the header is whole, and not a byte behind it is taken for a part of it.
    @Test(arguments: [Array(line.utf8), binary(tlvs: tlvs)])
    func `a header may come byte by byte`(header: [UInt8]) throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: "accept_proxy: {from: 127.0.0.1, timeout: 1h}") { sluice in
            let client = try Peer.connect(to: sluice.listener())
            try client.sendAtOnce()
            for byte in header.dropLast() { try client.send([byte]) }
            #expect(!origin.hasPendingConnection)
            try client.send(header.suffix(1) + Array("\r\n".utf8))
            let server = try origin.accept()
            try server.expect("\r\n")
            try client.roundTrip(through: server)
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n\r\n", "PROXY TCP4 192.0.2.7 1.2.3.4 4660 443 \r\n", "\r\n\r\n\0\r\nQUIT\nX",
    ])
    func `a malformed header costs its own connection alone`(text: String) throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: Self.accepting) { sluice in
            let other = try Peer.connect(to: sluice.listener())
            try other.send(Self.line)
            let server = try origin.accept()

            let client = try Peer.connect(to: sluice.listener())
            try client.send(text)
            #expect(try client.endsInReset())
            let line = try sluice.expectClosed("proxy_header")
            #expect(line.client?.string?.hasPrefix("127.0.0.1:") == true)
            #expect(try sluice.waitForLog("PROXY header refused").error?.string?.isEmpty == false)
            #expect(try sluice.metrics().sum("sluice_proxy_headers_total", ["result": "malformed"]) == 1)
            #expect(!origin.hasPendingConnection)
            try other.roundTrip(through: server)
        }
    }

    @Test func `a header that ends in the middle is refused, a connection without a byte is none`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: Self.accepting) { sluice in
            let check = try Peer.connect(to: sluice.listener())
            check.close()
            try sluice.expectClosed("completed")
            let client = try Peer.connect(to: sluice.listener())
            try client.send("PROXY TCP4")
            client.closeWrite()
            #expect(try client.endsInReset())
            try sluice.expectClosed("proxy_header")
            #expect(try sluice.metrics().sum("sluice_proxy_headers_total") == 1)
            #expect(!origin.hasPendingConnection)
        }
    }

    @Test func `a header that does not come in time is given up`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: "accept_proxy: {from: 127.0.0.1, timeout: 300ms}") {
            sluice in
            let client = try Peer.connect(to: sluice.listener())
            try client.send("PROXY TCP4 192.0.2.7 198.51.100.9 ")
            #expect(try client.endsInReset())
            try sluice.expectClosed("proxy_header")
            #expect(try sluice.metrics().sum("sluice_proxy_headers_total", ["result": "timeout"]) == 1)
        }
    }

    @Test func `who is not trusted is refused`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: Self.accepting) { sluice in
            try Peer.expectRejection(at: sluice.listener(), from: "127.0.0.2")
            try sluice.expectClosed("proxy_header")
            #expect(try sluice.metrics().sum("sluice_proxy_headers_total", ["result": "untrusted"]) == 1)
            #expect(!origin.hasPendingConnection)
        }
    }

    /// A header of somebody who may not send one is data like any other: it says nothing to Sluice.
    @Test func `who is not trusted may be taken directly, and cannot announce anybody`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: "accept_proxy: {from: 127.0.0.1, others: direct}") {
            sluice in
            let client = try Peer.connect(to: sluice.listener(), from: "127.0.0.2")
            try client.roundTrip(Self.line, through: origin.accept())
            let shown = try #require(sluice.connections().first?.client?.string)
            #expect(shown.hasPrefix("127.0.0.2:"))
        }
    }

    @Test func `a limit per client counts the announced address`() throws {
        let origin = try Listener()
        let route = "\(Self.accepting)\nlimits: {per_client: 1}"
        try withSluice(to: origin.endpoint, route: route) { sluice in
            func connect(as host: String) throws -> Peer {
                let client = try Peer.connect(to: sluice.listener())
                try client.send("PROXY TCP4 \(host) 198.51.100.9 4660 443\r\n")
                return client
            }
            let first = try connect(as: "192.0.2.1")
            let server = try origin.accept()
            let second = try connect(as: "192.0.2.1")
            #expect(try second.endsInReset())
            try sluice.expectClosed("client_limit")
            try connect(as: "192.0.2.2").roundTrip(through: origin.accept())
            try first.roundTrip(through: server)
            first.close()
            server.close()
            // Another worker may accept the next one before this one's end is noticed.
            try sluice.waitForMetric("sluice_connections") { $0 == 0 }
            try connect(as: "192.0.2.1").roundTrip(through: origin.accept())
        }
    }

    // MARK: Sending

    /// The header comes first, even when the client has spoken long before.
    @Test func `the origin is told of the client in a line`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: "send_proxy: v1") { sluice in
            let listener = try sluice.listener()
            let client = try Peer.connect(to: listener)
            try client.send("hello")
            let server = try origin.accept()
            let port = try client.localPort()
            try server.expect("PROXY TCP4 127.0.0.1 127.0.0.1 \(port) \(listener.port)\r\nhello")
            try client.roundTrip(through: server)
            client.close()
            server.close()
            let line = try sluice.expectClosed("completed")
            #expect(line.upstream_bytes?.int == 9)
        }
    }

    @Test func `an origin that speaks first hears the header first`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: "send_proxy: v2") { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            #expect(try server.receive(exactly: 28).prefix(14) == Self.binary().prefix(14))
            try server.roundTrip(through: client)
        }
    }

    @Test func `what came is passed on, TLVs and all`() throws {
        let origin = try Listener()
        let header = Self.binary(tlvs: Self.tlvs)
        try withSluice(to: origin.endpoint, route: "\(Self.accepting)\nsend_proxy: v2") { sluice in
            let client = try Peer.connect(to: sluice.listener())
            try client.send(header)
            let server = try origin.accept()
            #expect(try server.receive(exactly: header.count) == header)
            try client.roundTrip(through: server)
        }
    }

    @Test func `a connection that announces nobody is announced as it is`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: "\(Self.accepting)\nsend_proxy: v1") { sluice in
            let listener = try sluice.listener()
            let client = try Peer.connect(to: listener)
            let port = try client.localPort()
            try client.send("PROXY UNKNOWN\r\n")
            try origin.accept().expect("PROXY TCP4 127.0.0.1 127.0.0.1 \(port) \(listener.port)\r\n")
        }
    }

    @Test func `a Unix socket's clients are trusted, and have a path`() throws {
        let origin = try Listener()
        try withTemporaryDirectory { directory in
            let path = "\(directory.path)/in.sock"
            let configuration = """
                admin: off
                log: {format: json}
                routes:
                  - name: service
                    listen: "unix:\(path)"
                    to: "\(origin.endpoint)"
                    accept_proxy: {from: 192.0.2.1}
                    send_proxy: v2
                """
            try withSluice(configuration: configuration) { _ in
                let client = try Peer.connect(to: .unix(path: path))
                try client.send(Self.binary())
                let server = try origin.accept()
                #expect(try server.receive(exactly: 28) == Self.binary())
                let other = try Peer.connect(to: .unix(path: path))
                try other.send("PROXY UNKNOWN\r\n")
                let received = try origin.accept().receive(exactly: 232)
                #expect(received[13] == 0x31)
                let destination = received[124...].prefix { $0 != 0 }
                #expect(String(decoding: destination, as: UTF8.self) == path)
            }
        }
    }

    // MARK: With others

    /// HAProxy says who came, in each of its forms, and Sluice says it to another HAProxy, which says it to the origin.
    @Test(
        .needs(.haproxy),
        arguments: ["send-proxy", "send-proxy-v2", "send-proxy-v2 proxy-v2-options crc32c,unique-id"]
    )
    func `HAProxy understands, and is understood`(form: String) throws {
        let origin = try Listener()
        for version in ["v1", "v2"] {
            let (front, back) = (try Endpoint.freePort(), try Endpoint.freePort())
            let behind = """
                listen back
                    bind 127.0.0.1:\(back) accept-proxy
                    server origin \(origin.endpoint) send-proxy
                """
            try withHAProxy(behind, listeningOn: back) {
                let route = "\(Self.accepting)\nsend_proxy: \(version)"
                try withSluice(to: .loopback(back), route: route) { sluice in
                    let before = """
                        listen front
                            bind 127.0.0.1:\(front)
                            unique-id-format %rt
                            server sluice \(try sluice.listener()) \(form)
                        """
                    try withHAProxy(before, listeningOn: front) {
                        let client = try Peer.connect(to: .loopback(front), from: "127.0.0.9")
                        let port = try client.localPort()
                        try client.send("hello")
                        let server = try origin.accept()
                        try server.expect("PROXY TCP4 127.0.0.9 127.0.0.1 \(port) \(front)\r\nhello")
                        try server.roundTrip(through: client)
                    }
                }
            }
        }
    }
}
