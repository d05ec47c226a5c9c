import SluiceConfig

extension SluicePolicy {
    /// Sluice's configuration file. One worker, no admin server and no line per connection, as every candidate; none
    /// is held back from the policy that is compared; all else is the default.
    func configuration(for routes: [ProxyRoute]) -> String {
        let lines = [
            "workers: 1", "admin: off", "log: {level: warning}", "routes:",
        ]
        return (lines + routes.flatMap(lines(for:))).joined(separator: "\n") + "\n"
    }

    private func lines(for route: ProxyRoute) -> [String] {
        [
            "  - name: \(route.name)",
            "    listen: 0.0.0.0:\(route.listenPort)",
            "    to: \(route.originHost):\(route.originPort)",
        ] + policyLines
    }

    private var policyLines: [String] {
        switch self {
        case .kernel: ["    policy: kernel"]
        case .adaptive, .adaptiveUnprivileged: ["    policy: adaptive", "    holdback: 0%"]
        case .fixed(let setting): setting.lines
        }
    }
}

extension StaticSetting {
    fileprivate var lines: [String] {
        let size = "\(SizeText(bytes: bytes))"
        return [
            "    policy: static",
            "    static:",
            "      ring: \(size)",
            "      send_buffer: \(size)",
            "      receive_buffer: \(size)",
            "      congestion_control: \(congestionControl ?? "kernel")",
            "      notsent_lowat: \(notSentLowat.map { "\(SizeText(bytes: $0))" } ?? "kernel")",
        ]
    }
}
