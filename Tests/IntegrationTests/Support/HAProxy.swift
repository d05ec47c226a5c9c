import Foundation

/// Runs an HAProxy with these `listen` sections, one of which listens on `port` of the loopback interface.
func withHAProxy(_ sections: String, listeningOn port: UInt16, _ body: () throws -> Void) throws {
    try withTemporaryDirectory { directory in
        let configuration = try directory.write(
            """
            global
                maxconn 100
            defaults
                mode tcp
                timeout connect 60s
                timeout client 60s
                timeout server 60s
            \(sections)

            """,
            to: "haproxy.cfg"
        )
        try withProcess(Tool.haproxy.require(), ["-db", "-f", configuration]) { child in
            // A connection, to see whether it listens, would go on to the origin.
            let entry = String(format: ":%04X 00000000:0000 0A", port)
            try waitUntil("HAProxy on port \(port)") {
                if try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8).contains(entry) {
                    return true
                }
                guard child.isRunning else {
                    throw EndedEarly(awaited: "HAProxy on port \(port)", said: child.errors.tail)
                }
                return false
            }
            try body()
        }
    }
}
