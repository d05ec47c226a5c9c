import Foundation

/// One service as a proxy sees it.
struct ProxyRoute: Sendable, Hashable {
    var name: String
    /// On every address of the proxy's host.
    var listenPort: UInt16
    /// An IPv4 address.
    var originHost: String
    var originPort: UInt16
}

extension Candidate {
    /// Writes the configuration into `directory`. Returns the program that serves these routes, or `nil` where there is
    /// no proxy. `best` stands in for the best static setting.
    func proxy(for routes: [ProxyRoute], best: StaticSetting?, in directory: String) throws -> Program? {
        switch self {
        case .direct: return nil
        case .sluice(let policy): return try policy.proxy(for: routes, in: directory)
        case .bestStatic:
            guard let best else { throw CandidateError("no static setting of the sweep got through a trial") }
            return try SluicePolicy.fixed(best).proxy(for: routes, in: directory)
        case .peer(let peer): return try peer.proxy(for: routes, in: directory)
        }
    }
}

extension SluicePolicy {
    fileprivate func proxy(for routes: [ProxyRoute], in directory: String) throws -> Program {
        let file = "\(directory)/sluice.yaml"
        try configuration(for: routes).write(toFile: file, atomically: false, encoding: .utf8)
        let program = Program.sluice("sluice run", ["run", "--config", file])
        return self == .adaptiveUnprivileged ? program.withoutNetworkAdministration : program
    }
}

extension Peer {
    fileprivate func proxy(for routes: [ProxyRoute], in directory: String) throws -> Program {
        let path = try executable()
        let file = "\(directory)/\(configurationName)"
        try configuration(for: routes, in: directory).write(toFile: file, atomically: false, encoding: .utf8)
        return Program(rawValue, path, arguments(configuration: file, directory: directory))
    }
}

extension Program {
    /// The same without CAP_NET_ADMIN, for good: root's capabilities after exec are those of its bounding set. Takes
    /// setpriv(1) of util-linux.
    fileprivate var withoutNetworkAdministration: Program {
        // Where the command is a link into /proc/self, setpriv would find itself there.
        let file = (try? FileManager.default.destinationOfSymbolicLink(atPath: command)) ?? command
        let dropping = ["--bounding-set", "-net_admin", "--inh-caps", "-net_admin", "--", file]
        return Program(name, "setpriv", dropping + arguments, environment: environment)
    }
}
