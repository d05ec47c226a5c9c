import Foundation
import SluiceCore
import SluiceMetrics
import Testing

@Suite struct EndpointTests {
    @Test func metrics() async throws {
        try await withAdminServer { address in
            let response = try await AdminClient.request("GET", "/metrics", at: address)
            #expect(response.status == 200)
            #expect(response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(response.headers["content-length"] == String(response.body.utf8.count))
            #expect(response.body.contains("\nsluice_connections_opened_total{route=\"db\"} 17\n"))
            #expect(response.body.contains("\nsluice_memory_ceiling_bytes 4096\n"))
            #expect(response.body.contains("\nprocess_open_fds "))
            for family in MetricsCatalog.families {
                #expect(response.body.contains("# TYPE \(family.name) \(family.kind.rawValue)\n"))
            }
        }
    }

    @Test func liveAndReady() async throws {
        let proxy = FakeProxy()
        try await withAdminServer(proxy: proxy) { address in
            var ready = try await AdminClient.request("GET", "/readyz", at: address)
            #expect(ready.status == 200)
            #expect(ready.body == "ready\n")
            proxy.beginDrain()
            ready = try await AdminClient.request("GET", "/readyz", at: address)
            #expect(ready.status == 503)
            #expect(ready.body == "draining\n")
            let live = try await AdminClient.request("GET", "/livez", at: address)
            #expect(live.status == 200)
            #expect(live.body == "ok\n")
        }
    }

    @Test func indexListsEveryPath() async throws {
        try await withAdminServer { address in
            let index = try await AdminClient.request("GET", "/", at: address)
            #expect(index.status == 200)
            for path in [
                "/metrics", "/livez", "/readyz", "/connections", "/connections/ID", "/origins", "/reload",
                "/log/level",
            ] {
                #expect(index.body.contains("\n\(path) "))
            }
            let unknown = try await AdminClient.request("GET", "/metricz", at: address)
            #expect(unknown.status == 404)
            #expect(unknown.body.hasSuffix(index.body))
        }
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS"]) func otherMethods(method: String) async throws {
        try await withAdminServer { address in
            let response = try await AdminClient.request(method, "/metrics", at: address)
            #expect(response.status == 405)
            #expect(response.headers["allow"] == "GET, HEAD")
        }
    }

    @Test(arguments: ["/livez", "/readyz", "/connections", "/"])
    func headIsGetWithoutABody(path: String) async throws {
        try await withAdminServer { address in
            let get = try await AdminClient.request("GET", path, at: address)
            let head = try await AdminClient.request("HEAD", path, at: address)
            #expect(head.status == get.status)
            #expect(head.headers == get.headers)
            #expect(head.body.isEmpty)
        }
    }

    @Test func aConnectionServesSeveralRequests() async throws {
        try await withAdminServer { address in
            let client = try await AdminClient.connect(to: address)
            try await client.send("GET /livez HTTP/1.1\r\nHost: test\r\n\r\n")
            try await client.send("GET /readyz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
            let text = try await client.readToEnd()
            #expect(text.components(separatedBy: "HTTP/1.1 200 ").count == 3)
            #expect(text.hasSuffix("ready\n"))
        }
    }
}
