import Testing

@Suite struct MetricsTests {
    @Test func `connections and bytes are counted`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint) { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            try client.send("seven b")
            try server.expect("seven b")
            try server.send("3 b")
            try client.expect("3 b")
            var metrics = try sluice.metrics()
            #expect(try metrics.sum("sluice_connections", ["route": "service"]) == 1)
            #expect(try metrics.sum("sluice_connections_opened_total", ["route": "service"]) == 1)
            #expect(try metrics.sum("sluice_ready") == 1)
            #expect(try metrics.sum("sluice_build_info") == 1)

            client.close()
            server.close()
            try sluice.expectClosed("completed")
            metrics = try sluice.metrics()
            #expect(try metrics.sum("sluice_connections", ["route": "service"]) == 0)
            #expect(try metrics.sum("sluice_connections_closed_total", ["reason": "completed"]) == 1)
            #expect(try metrics.sum("sluice_connections_closed_total") == 1)
            #expect(try metrics.sum("sluice_relayed_bytes_total", ["direction": "upstream"]) == 7)
            #expect(try metrics.sum("sluice_relayed_bytes_total", ["direction": "downstream"]) == 3)
        }
    }

    @Test(.needs(.promtool)) func `promtool finds nothing to complain about`() throws {
        let origin = try EchoOrigin()
        try withSluice(to: origin.endpoint) { sluice in
            try Peer.connect(to: sluice.listener()).roundTrip()
            try sluice.expectClosed("completed")
            try withTemporaryDirectory { directory in
                let file = try directory.write(sluice.metrics().text, to: "metrics.txt")
                let result = try run(Tool.promtool.require(), ["check", "metrics"], input: file)
                #expect(result.status == 0)
                #expect(result.errors == "" && result.output == "")
            }
        }
    }

    @Test(.needs(.prometheus)) func `a real Prometheus scrapes it`() throws {
        let origin = try EchoOrigin()
        try withSluice(to: origin.endpoint) { sluice in
            try Peer.connect(to: sluice.listener()).roundTrip()
            try sluice.expectClosed("completed")
            try withPrometheus(scraping: sluice.admin()) { prometheus in
                try waitUntil("the target to be up") { try prometheus.value(of: "up") == 1 }
                try waitUntil("a count to arrive") {
                    let query = #"sum(sluice_connections_closed_total{route="service",reason="completed"})"#
                    return try prometheus.value(of: query) == 1
                }
            }
        }
    }
}
