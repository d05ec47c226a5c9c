import Foundation
import Testing

/// A client, or a path, that fails costs its own connections, and nobody else's: see docs/faults.md.
@Suite(.serialized) struct ClientFaultTests {
    private static let count = 20
    private static let stall: Duration = SoakTests.isLong ? .seconds(60) : .zero

    @Test func `a client that resets in mid-stream, under load`() throws {
        let origin = try Listener()
        try withBystanders(to: origin.endpoint) { sluice, _ in
            for index in 0..<Self.count {
                let (client, server) = try sluice.connect(to: origin)
                let pattern = Pattern(seed: UInt64(index))
                let sending = Background {
                    try client.send(pattern, 0..<1000 + 50_000 * index)
                    try client.reset()
                }
                #expect(try server.receiveWhatComes(of: pattern).isReset)
                try sending.value()
            }
            try sluice.expectEnds(Self.count, "client_reset")
        }
    }

    /// A byte now and then for ever: no buffer is held for them, and while their bytes are to be the PROXY header, they do not
    /// even reach the origin.
    @Test func `slow-loris clients hold no memory, and their time is limited where Sluice waits for them`()
        throws
    {
        let origin = try EchoOrigin()
        let route = "accept_proxy: {from: 127.0.0.2/32, others: direct, timeout: 300ms}"
        try withBystanders(to: origin.endpoint, route: route) { sluice, _ in
            let address = try sluice.listener()
            let drippers = try (0..<Self.count).map { _ in try Peer.connect(to: address) }
            for byte in "one by one" {
                for client in drippers { try client.roundTrip(String(byte)) }
                #expect(try sluice.metrics().sum("sluice_buffer_bytes", ["route": "service"]) == 0)
            }

            let headers = try (0..<Self.count).map { _ in try Peer.connect(to: address, from: "127.0.0.2") }
            for client in headers { try client.send("PROXY TCP4 ") }
            // As long as they are not cut off, they go on.
            while !headers.allSatisfy(\.hasInput) {
                for client in headers where !client.hasInput { try? client.send("1") }
            }
            // A send may have met the reset first.
            for client in headers { try client.waitForClose() }
            try sluice.expectEnds(Self.count, "proxy_header")
            // And those before are still served.
            for client in drippers { try client.roundTrip() }
        }
    }

    /// Its cable is pulled: no FIN, no RST, never again an answer. Of two such connections, one is idle, and the origin sends on
    /// the other.
    @Test(.needsGateway) func `clients that vanish without a FIN, under load`() throws {
        try Gateway.with { gateway in
            try withTemporaryDirectory { directory in
                let origin = try Listener(on: directory.socket("origin"))
                try withBystanders(
                    listen: "10.51.1.1:9000",
                    to: origin.endpoint,
                    route: "timeouts: {idle: 1s}",
                    inDirectory: directory,
                    launcher: gateway.launcher(on: "gateway")
                ) { sluice, _ in
                    let program = "exec 3<>/dev/tcp/10.51.1.1/9000 && echo hello >&3 && exec sleep infinity"
                    let command = try gateway.launcher(on: "client") + ["bash", "-c", program]
                    try withProcess(command[0], Array(command.dropFirst())) { _ in
                        let idle = try origin.accept()
                        try idle.expect("hello\n")
                        try withProcess(command[0], Array(command.dropFirst())) { _ in
                            let busy = try origin.accept()
                            try busy.expect("hello\n")
                            let sending = Background { try busy.send(Pattern(seed: 1), 0..<1 << 30) }
                            try gateway.succeed(
                                on: "client",
                                [Tool.ip.require(), "link", "set", "eth0", "down"]
                            )
                            try idle.waitForClose()
                            #expect(throws: SocketError.self) { try sending.value() }
                        }
                    }
                    try sluice.expectEnds(2, "idle_timeout")
                }
            }
        }
    }

    /// All that comes from one host is dropped until the kernels have sent again what is missing, again and again, over a
    /// multiple of what they wait at first; in the long form, which `make soak` runs, for a minute. Then the path is as before, and so
    /// is the stream.
    @Test(.needsGateway, arguments: ["clients0", "origins0"])
    func `a path that stalls, and comes back, loses nothing`(interface: String) throws {
        try Gateway.with { gateway in
            try withTemporaryDirectory { directory in
                try gateway.withOrigin {
                    try withBystanders(
                        listen: "10.51.1.1:9000",
                        to: .tcp(host: "10.51.2.2", port: 5432),
                        route: "timeouts: {idle: 10m}",
                        inDirectory: directory,
                        launcher: gateway.launcher(on: "gateway")
                    ) { sluice, bystanders in
                        let command =
                            try gateway.launcher(on: "client")
                            + [Tool.python.require(), "-c", Self.blocksProgram]
                        try withProcess(command[0], Array(command.dropFirst())) { client in
                            func expectBlocks() throws {
                                let before = client.output.lines.count
                                // The kernels' next attempt may be as far away as the stall was long.
                                let deadline = Deadline(after: Deadline.patience + Self.stall)
                                try waitUntil("more blocks", deadline: deadline) {
                                    #expect(client.isRunning, "\(client.errors.tail)")
                                    return !client.isRunning || client.output.lines.count >= before + 10
                                }
                            }
                            try expectBlocks()
                            try gateway.withStall(of: interface, packets: 6, length: Self.stall) {
                                let before = client.output.lines.count
                                try bystanders.expectProgress()
                                #expect(client.output.lines.count <= before + 1)
                            }
                            try expectBlocks()
                            client.signal(SIGTERM)
                            _ = try client.waitForExit()
                        }
                        try sluice.expectNoneLeft()
                    }
                }
            }
        }
    }

    /// Sends blocks of random bytes, one after the other, and says which came back as they were.
    private static let blocksProgram = """
        import os, socket, sys
        peer = socket.create_connection(("10.51.1.1", 9000), timeout=120)
        stream = peer.makefile("rb")
        stream.readline()
        while True:
            block = os.urandom(65536)
            peer.sendall(block)
            if stream.read(len(block)) != block:
                sys.exit("other bytes")
            print("ok", flush=True)
        """
}
