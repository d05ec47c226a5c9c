import SluiceCore
import Yams

/// Reads the keys of one section from its node: finds unknown, duplicate and missing keys, and hands out values.
///
/// A method that returns `nil` has either found the key absent (or standing at a word that means the same), or has
/// reported a problem; a caller keeps its default for both, as no configuration comes out of a document with problems.
struct SectionReader {
    let section: Section
    /// The section's own key, as `routes[0].timeouts`; empty for the document.
    let path: String
    let document: YAMLDocument
    let log: ProblemLog
    /// Where the section starts.
    let place: TextPlace
    private var values: [String: Node] = [:]

    /// `nil`, and a report, if the node is no mapping. An empty node is a section whose keys are all absent.
    /// - Parameter allowed: What may stand there, if more than a mapping may.
    init?(
        _ node: Node,
        as section: Section,
        path: String,
        document: YAMLDocument,
        log: ProblemLog,
        allowed: String? = nil
    ) {
        self.section = section
        self.path = path
        self.document = document
        self.log = log
        place = document.place(of: node)
        guard let mapping = node.mapping ?? (node.isEmpty ? Node.Mapping([]) : nil) else {
            let found = NodeText.describe(node)
            let allowed = allowed ?? ValueKind.section(section, off: false).allowed
            log.report("expected a mapping, found \(found) (allowed: \(allowed))", key: path, at: place)
            return nil
        }
        take(mapping)
    }

    /// A key of this section, as problems name it.
    func path(to name: String) -> String {
        path.isEmpty ? name : "\(path).\(name)"
    }

    /// The value's node, if the key stands in the file.
    func node(_ name: String) -> Node? {
        precondition(section.key(named: name) != nil, "'\(name)' is not in the table")
        return values[name]
    }

    /// The section that stands at a key. `nil`: it is absent, or switched off, or a problem was reported.
    func section(_ name: String) -> SectionReader? {
        guard let node = node(name) else { return nil }
        switch section.key(named: name)?.kind {
        case .section(let section, let off):
            if off, isOff(name) { return nil }
            return read(node, as: section, name)
        case .shorthand(let section, let key):
            let isShort = node.scalar != nil && !node.isEmpty
            return read(isShort ? Node([(Node(key), node)]) : node, as: section, name)
        default:
            return nil
        }
    }

    private func read(_ node: Node, as section: Section, _ name: String) -> SectionReader? {
        SectionReader(
            node,
            as: section,
            path: path(to: name),
            document: document,
            log: log,
            allowed: self.section.key(named: name)?.kind.allowed
        )
    }

    /// Whether the word stands there that switches a section off.
    func isOff(_ name: String) -> Bool { node(name)?.scalar?.string == "off" }

    /// Reports a problem with this key's value.
    func report(_ message: String, _ name: String, at node: Node? = nil) {
        let place = (node ?? values[name]).map(document.place(of:)) ?? place
        log.report(message, key: path(to: name), at: place)
    }

    private mutating func take(_ mapping: Node.Mapping) {
        var places: [String: TextPlace] = [:]
        var misspelt: Set<String> = []
        for (key, value) in mapping {
            guard let name = document.keyName(key) else {
                log.report(
                    "a key is plain text, found \(NodeText.describe(key))",
                    key: path,
                    at: document.place(of: key)
                )
                continue
            }
            if let first = places[name] {
                let message =
                    "duplicate key \(Printable.quoted(name)) (it stands on line \(first.line) already)"
                log.report(message, key: path, at: document.place(of: key))
                continue
            }
            places[name] = document.place(of: key)
            if section.key(named: name) != nil {
                values[name] = value
            } else {
                let suggestion = Suggestion.nearest(to: name, among: section.names)
                if let suggestion { misspelt.insert(suggestion) }
                reportUnknown(name, suggestion: suggestion, at: document.place(of: key))
            }
        }
        reportMissing(except: misspelt)
    }

    private func reportUnknown(_ name: String, suggestion: String?, at place: TextPlace) {
        let meant = suggestion ?? section.pathOfNestedKey(named: name)
        let hint = meant.map { "did you mean '\($0)'? " } ?? ""
        let allowed = section.names.joined(separator: ", ")
        log.report("unknown key \(Printable.quoted(name)) (\(hint)allowed: \(allowed))", key: path, at: place)
    }

    /// A misspelt key is not missing: one mistake, one report.
    private func reportMissing(except misspelt: Set<String>) {
        for key in section.keys where key.fallback == .required {
            guard values[key.name] == nil, !misspelt.contains(key.name) else { continue }
            log.report("missing key '\(key.name)' (allowed: \(key.kind.allowed))", key: path, at: place)
        }
    }
}

extension Section {
    /// Where a key stands that was written one level too high, as `timeouts.idle`.
    fileprivate func pathOfNestedKey(named name: String) -> String? {
        for key in keys {
            switch key.kind {
            case .section(let section, _), .shorthand(let section, _):
                if section.key(named: name) != nil { return "\(key.name).\(name)" }
            default: break
            }
        }
        return nil
    }
}

/// Names a node's shape in a message.
enum NodeText {
    static func describe(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar): node.isEmpty ? "nothing" : Printable.quoted(scalar.string)
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}
