import Foundation
import Testing

@Suite(.needs(.mosquitto, .mosquittoPublish, .mosquittoSubscribe)) struct MosquittoTests {
    private static let messageCount = 2000

    @Test func `messages of quality 1 arrive in order`() throws {
        try withMosquitto { endpoint, broker in
            try withSluice(to: endpoint, route: "class: telemetry") { sluice in
                let connection = [
                    "-h", "127.0.0.1", "-p", "\(try sluice.listener().port)", "-t", "readings", "-q", "1",
                ]
                let subscriber = connection + ["-C", "\(Self.messageCount)"]
                try withProcess(Tool.mosquittoSubscribe.require(), subscriber) { subscriber in
                    // The broker logs who subscribed, with which quality, to what.
                    try broker.errors.waitForLine(containing: " 1 readings")
                    try withTemporaryDirectory { directory in
                        let readings = (0..<Self.messageCount).map { "reading \($0)" }
                        let file = try directory.write(
                            readings.joined(separator: "\n") + "\n",
                            to: "readings"
                        )
                        try succeed(Tool.mosquittoPublish.require(), connection + ["-l"], input: file)
                        #expect(try subscriber.waitForExit() == 0)
                        #expect(subscriber.output.lines == readings)
                    }
                }
            }
        }
    }

    private func withMosquitto(_ body: (Endpoint, ChildProcess) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            let endpoint = Endpoint.loopback(try Endpoint.freePort())
            let configuration = try directory.write(
                """
                listener \(endpoint.port) 127.0.0.1
                allow_anonymous true
                max_queued_messages 0
                log_dest stderr
                log_type subscribe
                \(geteuid() == 0 ? "user root" : "")
                """,
                to: "mosquitto.conf"
            )
            try withProcess(Tool.mosquitto.require(), ["-c", configuration]) { child in
                try child.waitUntilListening(on: endpoint)
                try body(endpoint, child)
            }
        }
    }
}
