import Yams

/// A key whose value a reload changes.
public struct SettingChange: Sendable, Hashable, CustomStringConvertible {
    /// As `drain.deadline`, or `routes[NAME].limits.connections`: a route is known by its name, wherever it stands.
    public let key: String
    /// As it is written, or the default. `nil`: there was no such key.
    public let old: String?
    public let new: String?

    /// `key: old -> new`.
    public var description: String { "\(key): \(old ?? "absent") -> \(new ?? "absent")" }
}

/// Every key of a document with its value as text, defaults filled in from the key table.
struct Settings: Sendable {
    private struct Setting {
        let key: String
        let value: String
        /// `nil`: the default, which stands nowhere.
        let place: TextPlace?
        /// The route that it belongs to.
        let route: String?
    }

    private var settings: [Setting] = []

    init(_ document: YAMLDocument) {
        add(.document, of: document.root, path: "", route: nil, document)
    }

    /// Where a key's value stands, or that of the section around it. `nil`: neither does.
    func place(of key: String) -> TextPlace? {
        let own = settings.first { $0.key == key }?.place
        return own ?? settings.first { $0.key.hasPrefix("\(key).") && $0.place != nil }?.place
    }

    func changes(since earlier: Settings) -> [SettingChange] {
        let old = Dictionary(earlier.settings.map { ($0.key, $0.value) }) { first, _ in first }
        let new = Dictionary(settings.map { ($0.key, $0.value) }) { first, _ in first }
        let (oldRoutes, newRoutes) = (earlier.routes, routes)
        var changes: [SettingChange] = []
        for setting in settings where old[setting.key] != setting.value {
            guard setting.route.map(oldRoutes.contains) ?? true else { continue }
            changes.append(SettingChange(key: setting.key, old: old[setting.key], new: setting.value))
        }
        for setting in earlier.settings where new[setting.key] == nil {
            guard setting.route.map(newRoutes.contains) ?? true else { continue }
            changes.append(SettingChange(key: setting.key, old: setting.value, new: nil))
        }
        // A route that comes or goes is one change.
        for name in newRoutes where !oldRoutes.contains(name) {
            changes.append(SettingChange(key: "routes[\(name)]", old: nil, new: text(of: name)))
        }
        for name in oldRoutes where !newRoutes.contains(name) {
            changes.append(SettingChange(key: "routes[\(name)]", old: earlier.text(of: name), new: nil))
        }
        return changes
    }

    /// In the order of the file.
    private var routes: [String] {
        settings.compactMap(\.route).reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }

    /// What is written of a route, on one line.
    private func text(of route: String) -> String {
        let prefix = "routes[\(route)]."
        return settings.filter { $0.route == route && $0.place != nil }
            .map { "\($0.key.dropFirst(prefix.count)): \($0.value)" }.joined(separator: ", ")
    }

    private mutating func add(
        _ section: Section,
        of node: Node?,
        path: String,
        route: String?,
        _ document: YAMLDocument
    ) {
        for key in section.keys {
            let value = node?.mapping?.first { document.keyName($0.key) == key.name }?.value
            add(key, value, path: path.isEmpty ? key.name : "\(path).\(key.name)", route: route, document)
        }
    }

    private mutating func add(
        _ key: Key,
        _ value: Node?,
        path: String,
        route: String?,
        _ document: YAMLDocument
    ) {
        func append(_ text: String) {
            let place = value.map(document.place(of:))
            settings.append(Setting(key: path, value: text, place: place, route: route))
        }
        switch key.kind {
        case .section(let section, let off):
            guard value != nil || key.fallback == .emptySection else { return }
            let isOff = off && value?.scalar?.string == "off"
            if off { append(isOff ? "off" : "on") }
            if !isOff { add(section, of: value, path: path, route: route, document) }
        case .shorthand(let section, let name):
            let isShort = value?.scalar != nil && value?.isEmpty == false
            let node = isShort ? value.map { Node([(Node(name), $0)]) } : value
            add(section, of: node, path: path, route: route, document)
        case .sections(let section):
            for (index, item) in (value?.sequence ?? []).enumerated() {
                let named = item.mapping?.first { document.keyName($0.key) == "name" }
                let name = named.map { Self.text($0.value) } ?? String(index)
                add(section, of: item, path: "\(path)[\(name)]", route: route ?? name, document)
            }
        default:
            if let value {
                append(Self.text(value))
            } else if case .text(let text) = key.fallback {
                append(text)
            }
        }
    }

    private static func text(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar): scalar.string
        case .sequence(let items): "[\(items.map(text).joined(separator: ", "))]"
        case .mapping(let pairs):
            "{\(pairs.map { "\(text($0.key)): \(text($0.value))" }.joined(separator: ", "))}"
        case .alias: "*"
        }
    }
}
