import Foundation

/// A running Prometheus.
struct PrometheusServer {
    let endpoint: Endpoint

    /// The value of a query that yields one sample; `nil` when it yields none.
    func value(of query: String) throws -> Double? {
        let escaped = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? query
        let body = try httpGet("/api/v1/query?query=\(escaped)", from: endpoint).body
        let sample = JSONValue(parsing: body)?.data?.result?.array?.first?.value?.array
        return sample?.last?.string.flatMap(Double.init)
    }
}

/// Runs a Prometheus that scrapes `target` once a second.
func withPrometheus(scraping target: Endpoint, _ body: (PrometheusServer) throws -> Void) throws {
    try withTemporaryDirectory { directory in
        let configuration = try directory.write(
            """
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
              - job_name: sluice
                static_configs: [{targets: ["\(target)"]}]
            """,
            to: "prometheus.yml"
        )
        let server = PrometheusServer(endpoint: .loopback(try Endpoint.freePort()))
        let arguments = [
            "--config.file=\(configuration)", "--storage.tsdb.path=\(directory.path)/data",
            "--web.listen-address=\(server.endpoint)",
        ]
        try withProcess(Tool.prometheus.require(), arguments) { child in
            try child.waitUntilListening(on: server.endpoint)
            try waitUntil("Prometheus to be ready") {
                try httpGet("/-/ready", from: server.endpoint).status == 200
            }
            try body(server)
        }
    }
}
