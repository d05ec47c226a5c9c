import Testing

@Suite(.needs(.redisServer), .serialized) struct RedisTests {
    @Test func `commands, pipelines and transactions`() throws {
        try withRedisBehindSluice { address in
            let client = try Peer.connect(to: address)
            try client.sendCommand("PING")
            try client.expect("+PONG\r\n")
            try client.sendCommand("SET", "key", "value")
            try client.expect("+OK\r\n")
            try client.sendCommand("GET", "key")
            try client.expect("$5\r\nvalue\r\n")

            for _ in 0..<10_000 { try client.sendCommand("INCR", "counter") }
            for count in 1...10_000 { try client.expect(":\(count)\r\n") }
        }
    }

    @Test func `a value of 64 MB in and out`() throws {
        try withRedisBehindSluice { address in
            let byteCount = 64 << 20
            let pattern = Pattern(seed: 10)
            let client = try Peer.connect(to: address)
            try client.send("*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$\(byteCount)\r\n")
            try client.send(pattern, 0..<byteCount)
            try client.send("\r\n")
            try client.expect("+OK\r\n")
            try client.sendCommand("GET", "big")
            try client.expect("$\(byteCount)\r\n")
            try client.receive(pattern, 0..<byteCount)
            try client.expect("\r\n")
        }
    }

    @Test func `messages are pushed to a silent subscriber`() throws {
        try withRedisBehindSluice { address in
            let subscriber = try Peer.connect(to: address)
            try subscriber.sendCommand("SUBSCRIBE", "news")
            try subscriber.expect("*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n")
            let publisher = try Peer.connect(to: address)
            for index in 100..<200 {
                try publisher.sendCommand("PUBLISH", "news", "item \(index)")
                try publisher.expect(":1\r\n")
                try subscriber.expect("*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$8\r\nitem \(index)\r\n")
            }
        }
    }

    @Test(.needs(.redisBenchmark)) func `redis-benchmark runs to its end`() throws {
        try withRedisBehindSluice { address in
            let output = try succeed(
                Tool.redisBenchmark.require(),
                [
                    "-h", "127.0.0.1", "-p", "\(address.port)", "-n", "5000", "-c", "50", "-P", "4", "-t",
                    "set,get,lpush",
                    "--csv",
                ]
            )
            for test in ["SET", "GET", "LPUSH"] { #expect(output.contains("\"\(test)\"")) }
        }
    }

    private func withRedisBehindSluice(_ body: (Endpoint) throws -> Void) throws {
        try withRedis { redis in
            try withSluice(to: redis, route: "class: cache") { try body($0.listener()) }
        }
    }
}
