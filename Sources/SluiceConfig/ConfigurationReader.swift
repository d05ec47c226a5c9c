import SluiceCore
import Yams

/// Makes a `Configuration` of a document, section by section. Every problem goes to the log.
struct ConfigurationReader {
    let document: YAMLDocument
    let log: ProblemLog

    /// `nil`: at least one problem was reported.
    func read() -> Configuration? {
        guard let root = document.root, !root.isEmpty else {
            log.report("the file is empty (allowed: a mapping with 'routes' in it)", key: "", at: .start)
            return nil
        }
        guard let top = SectionReader(root, as: .document, path: "", document: document, log: log) else {
            return nil
        }
        var configuration = Configuration(routes: [])
        configuration.workers = top.count("workers")
        if let bytes = top.size("memory") { configuration.memoryBytes = bytes }
        configuration.maxConnections = top.count("max_connections")
        configuration.drain = readDrain(top)
        readDNS(top, into: &configuration)
        configuration.admin = readAdmin(top)
        configuration.log = readLog(top)
        configuration.classes = ClassOverrides.read(top)
        let routes = readRoutes(top)
        configuration.routes = routes.compactMap(\.configuration)
        CrossChecks(top: top, configuration: configuration, routes: routes).run()
        return configuration
    }

    private func readDrain(_ top: SectionReader) -> DrainConfiguration {
        var drain = DrainConfiguration()
        guard let section = top.section("drain") else { return drain }
        if let grace = section.duration("grace") { drain.grace = grace }
        if let deadline = section.duration("deadline") { drain.deadline = deadline }
        if let window = section.duration("window") { drain.window = window }
        if let removed = section.choice("removed_origins").flatMap(RemovalPolicy.init) {
            drain.removedOrigins = removed
        }
        return drain
    }

    private func readAdmin(_ top: SectionReader) -> AdminConfiguration? {
        if top.isOff("admin") { return nil }
        var admin = AdminConfiguration()
        guard let section = top.section("admin") else { return admin }
        if let listen = section.listen("listen") { admin.listen = listen }
        admin.tokenFile = section.path("token_file")
        if let write = section.flag("write") { admin.allowsWriting = write }
        return admin
    }

    private func readDNS(_ top: SectionReader, into configuration: inout Configuration) {
        guard let section = top.section("dns") else { return }
        if let refresh = section.duration("refresh") { configuration.dnsRefresh = refresh }
        if let removed = section.choice("removed_addresses").flatMap(RemovalPolicy.init) {
            configuration.removedAddresses = removed
        }
    }

    private func readLog(_ top: SectionReader) -> LogConfiguration {
        var configuration = LogConfiguration()
        guard let section = top.section("log") else { return configuration }
        if let format = section.choice("format").flatMap(LogConfiguration.Format.init) {
            configuration.format = format
        }
        if let level = section.choice("level").flatMap(LogConfiguration.Level.init) {
            configuration.level = level
        }
        return configuration
    }

    private func readRoutes(_ top: SectionReader) -> [ReadRoute] {
        guard case .sections(let section)? = Section.document.key(named: "routes")?.kind,
            let node = top.node("routes")
        else { return [] }
        guard let items = node.sequence, !items.isEmpty else {
            let found = node.sequence == nil ? NodeText.describe(node) : "an empty list"
            let allowed = ValueKind.sections(section).allowed
            top.report(
                "expected a list of at least one route, found \(found) (allowed: \(allowed))",
                "routes"
            )
            return []
        }
        return items.enumerated().compactMap { index, item in
            SectionReader(item, as: section, path: "routes[\(index)]", document: document, log: log)
                .map(ReadRoute.init)
        }
    }
}
