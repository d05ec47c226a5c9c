import Glibc

/// Hosts in network namespaces of their own, joined in a chain by emulated links. No packet leaves them.
///
/// Host `a` is the first, then `b`, `c`; link 0 joins `a` and `b`. Link i has the addresses 10.77.i.1 on the side of the
/// earlier host and 10.77.i.2 on the other. Hosts in the middle forward, so that the ends reach each other directly too.
///
/// Works as root, and without it where the kernel allows user namespaces. All methods may be called from any thread; they
/// block for milliseconds.
public final class LabNetwork: Sendable {
    public let hosts: [LabHost]
    public let links: [LabLink]
    private let processes: LabProcesses
    private let namespaces: NamespaceDescriptors
    private let awake: AwakeProcessors?

    /// Makes the hosts and starts the links. Nothing is left behind when it fails, nor when this process dies.
    ///
    /// - Parameters:
    ///   - links: from host `a` on; up to eight. None makes one host by itself, with nothing but loopback.
    ///   - congestionControl: of every host's TCP (`cubic`, `bbr`, `reno`); nil leaves the kernel's default.
    /// - Throws: `LabError` that says what the machine lacks, and how to allow it.
    public init(links specifications: [LinkSpecification], congestionControl: String? = nil) throws(LabError)
    {
        guard specifications.count <= 8 else {
            throw LabError("the lab has at most eight links, not \(specifications.count)")
        }
        let namespaces = try NamespaceDescriptors(hosts: specifications.count + 1)
        var hosts: [LabHost] = []
        for index in namespaces.hosts.indices {
            hosts.append(try LabHost(index: index, in: namespaces, congestionControl: congestionControl))
        }
        var links: [LabLink] = []
        do throws(LabError) {
            for (index, specification) in specifications.enumerated() {
                links.append(
                    try LabLink(index: index, specification, from: hosts[index], to: hosts[index + 1])
                )
            }
            for host in hosts { try host.addRoutes(linkCount: links.count) }
        } catch {
            for link in links { link.stop() }
            throw error
        }
        self.hosts = hosts
        self.links = links
        self.namespaces = namespaces
        awake = links.isEmpty ? nil : AwakeProcessors()
        processes = LabProcesses()
    }

    deinit { tearDown() }

    /// The host at a place in the chain, from 0.
    public func host(_ index: Int) -> LabHost { hosts[index] }

    /// The host of this name: `a`, `b`, ... Nil when there is none.
    public func host(named name: String) -> LabHost? { hosts.first { $0.name == name } }

    /// The link at a place in the chain, from 0.
    public func link(_ index: Int) -> LabLink { links[index] }

    /// Starts a program in a host, at the head of a process group of its own. It is killed with its group when the network
    /// is torn down, and by the kernel when this process dies.
    ///
    /// - Parameters:
    ///   - command: a path, or a name to look for in `PATH`.
    ///   - environment: set or replaced in this process's environment.
    ///   - inForeground: it becomes the foreground program of the terminal at descriptor 0 and reads from there.
    public func spawn(
        _ command: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        on host: LabHost,
        output: LabOutput = .inherit,
        errors: LabOutput = .inherit,
        inForeground: Bool = false
    ) throws(LabError) -> LabProcess {
        try processes.spawn(
            LabProcesses.Launch(
                command: command,
                arguments: arguments,
                environment: environment,
                host: host,
                output: output,
                errors: errors,
                inForeground: inForeground
            )
        )
    }

    /// Ends the programs, the links and the hosts. Further calls do nothing.
    public func tearDown() {
        processes.endAll()
        for link in links { link.stop() }
    }
}
