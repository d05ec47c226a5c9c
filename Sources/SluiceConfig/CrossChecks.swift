import SluiceControl
import SluiceCore
import Yams

/// The checks that need more than one key: what is unique, what fits into what.
struct CrossChecks {
    let top: SectionReader
    let configuration: Configuration
    let routes: [ReadRoute]

    func run() {
        checkDrain()
        checkAdmin()
        checkNames()
        checkListens()
        for route in routes {
            checkOrigins(route)
            checkOriginal(route)
            checkHealth(route)
            checkWarmPool(route)
            checkRings(route)
        }
    }

    private func checkDrain() {
        let (window, deadline) = (configuration.drain.window, configuration.drain.deadline)
        guard window > deadline, let section = top.section("drain") else { return }
        let allowed = "allowed: at most \(DurationText(deadline))"
        section.report("\(DurationText(window)) is more than the deadline (\(allowed))", "window")
    }

    private func checkAdmin() {
        guard let admin = configuration.admin, !admin.listen.address.isLocal,
            let section = top.section("admin"), section.node("token_file") == nil
        else { return }
        section.report("\(admin.listen) is open to other hosts (\(AdminConfiguration.openAllowed))", "listen")
    }

    private func checkNames() {
        var owners: [String: String] = [:]
        for route in routes {
            guard let name = route.name else { continue }
            if let owner = owners[name] {
                route.section.report("the name '\(name)' is taken by \(owner)", "name")
            } else {
                owners[name] = route.section.path
            }
        }
    }

    /// With SO_REUSEPORT the kernel would let two routes share an address, and deal out the clients at random.
    ///
    /// Port 0 is a new port each time: it can stand anywhere.
    private func checkListens() {
        var owners: [Address: (name: String, address: ListenAddress)] = [:]
        if let admin = configuration.admin {
            owners[admin.listen.address.listeningPlace] = ("admin", admin.listen)
        }
        for route in routes {
            for (address, node) in route.listens where address.address.port != 0 {
                if let owner = owners[address.address.listeningPlace] {
                    let isSame = owner.address.address.canonical == address.address.canonical
                    let place = isSame ? "" : ", with \(owner.address)"
                    let message = "\(address) is listened on by \(owner.name) already\(place)"
                    route.section.report(message, "listen", at: node)
                } else {
                    owners[address.address.listeningPlace] = (route.section.path, address)
                }
            }
        }
    }

    private func checkOrigins(_ route: ReadRoute) {
        var seen: Set<Address> = []
        for (origin, node) in route.origins.list {
            let target = origin.address.address
            if route.listens.contains(where: { target.leads(to: $0.address.address) }) {
                let problem = "\(origin.address) is the route's own listener: it would connect to itself"
                route.section.report(problem, "to", at: node)
            }
            if !seen.insert(target.canonical).inserted {
                let problem = "\(origin.address) stands there twice (allowed: once, with a weight)"
                route.section.report(problem, "to", at: node)
            }
        }
    }

    /// A steered connection comes over TCP. `tproxy` leaves its destination on the socket, so only the port tells who meant
    /// the listener itself.
    private func checkOriginal(_ route: ReadRoute) {
        guard let original = route.origins.original else { return }
        for key in ["balance", "queue", "health", "ejection", "warm_pool"]
        where route.section.node(key) != nil {
            route.section.report("the client chooses the origin (allowed: with origins in 'to')", key)
        }
        for (address, node) in route.listens {
            guard case .ip(_, let port) = address.address else {
                let message = "\(address) takes no steered connections (allowed: 127.0.0.1:15001, :15001)"
                route.section.report(message, "listen", at: node)
                continue
            }
            if original.via == .tproxy, port == 0 {
                route.section.report("via tproxy needs a port (allowed: from 1 to 65535)", "listen", at: node)
            }
        }
    }

    private func checkHealth(_ route: ReadRoute) {
        let health = route.section.section("health")
        let isChecked = route.section.node("health") != nil && !route.section.isOff("health")
        for (origin, node) in route.origins.list {
            if !isChecked, origin.healthAddress != nil {
                let problem =
                    "\(origin.address) has a health_address, but is not checked (allowed: with health)"
                route.section.report(problem, "to", at: node)
            }
            guard let health, health.count("port") != nil, origin.healthAddress == nil else { continue }
            if origin.address.isService || origin.address.address.port == nil {
                let allowed = "allowed: auto, or a health_address for that origin"
                health.report("\(origin.address) has no port that this could replace (\(allowed))", "port")
            }
        }
    }

    /// Ahead of demand nobody knows who the client will be.
    private func checkWarmPool(_ route: ReadRoute) {
        guard route.section.section("warm_pool") != nil else { return }
        if route.source == .client {
            let message = "the origin is to see the client's address (allowed: with source: own)"
            route.section.report(message, "warm_pool")
        }
        if route.sendProxy != nil {
            let message = "the origin is to be told the client's address (allowed: with send_proxy: off)"
            route.section.report(message, "warm_pool")
        }
    }

    private func checkRings(_ route: ReadRoute) {
        if case .fixed(let sizes) = route.policy {
            guard let section = route.section.section("static") else { return }
            check(sizes.ringBytes, of: section, "ring")
        } else if let bytes = route.ringCeilingBytes ?? route.configuration?.ringCeilingBytes {
            check(bytes, of: route.section, "ring_ceiling")
        }
    }

    private func check(_ bytes: Int, of section: SectionReader, _ name: String) {
        // A memory that was refused is no measure.
        guard top.node("memory") == nil || top.size("memory") != nil else { return }
        let memory = configuration.memoryBytes
        guard bytes > memory else { return }
        let size = SizeText(bytes: bytes)
        if section.node(name) != nil {
            section.report("\(size) is more than memory (allowed: at most \(SizeText(bytes: memory)))", name)
        } else {
            // The default does not fit into what was written at `memory`, so that is where to look.
            let key = section.path(to: name)
            top.report(
                "\(SizeText(bytes: memory)) is less than the default of \(key) (allowed: at least \(size), or a smaller \(key))",
                "memory"
            )
        }
    }
}
