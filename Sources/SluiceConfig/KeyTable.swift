import SluiceCore

/// One mapping of the configuration file: the keys that may stand in it.
///
/// The unknown-key check, the suggestions and the error texts are made from these tables (see `Sections.swift` and `Sections+Route.swift`), and
/// the tests hold the schema and the reference file against them.
struct Section: Sendable {
    let keys: [Key]

    var names: [String] { keys.map(\.name) }

    func key(named name: String) -> Key? {
        keys.first { $0.name == name }
    }
}

/// One key of a section.
struct Key: Sendable {
    let name: String
    let kind: ValueKind
    let fallback: Fallback
    /// What the key does: the schema's description and the reference file's comment, word for word.
    let meaning: String

    init(_ name: String, _ kind: ValueKind, _ fallback: Fallback, _ meaning: String) {
        self.name = name
        self.kind = kind
        self.fallback = fallback
        self.meaning = meaning
    }
}

/// What holds when a key is absent.
enum Fallback: Sendable, Equatable {
    /// Nothing: its absence is an error.
    case required
    /// The same as if this text stood in the file.
    case text(String)
    /// The same as if the section stood there without a key.
    case emptySection
    /// The section does not apply.
    case none
}

/// What kind of value a key takes, and within which bounds.
enum ValueKind: Sendable {
    /// A whole number, or the word (if there is one) that stands for "not a number".
    case count(ClosedRange<Int>, word: String?)
    /// A number of bytes, or the word (if there is one) that leaves the choice to somebody else.
    case size(ClosedRange<SizeText>, word: String?)
    /// A duration, or one of the words.
    case duration(ClosedRange<DurationText>, words: [String])
    /// One of these words.
    case choice([String])
    /// A congestion control by the kernel's name for it, or the word that leaves the choice to the host.
    case congestionControl(word: String)
    /// A percentage.
    case percent(ClosedRange<PercentText>)
    /// One of these words, or a list of them, or the word for an empty list.
    case choices([String], none: String)
    /// Yes or no.
    case flag
    /// The path of a file.
    case path
    /// Any text, control characters included.
    case text
    /// Printable ASCII without blanks.
    case word
    /// A status of HTTP, or a range of them.
    case statuses
    /// A route's name.
    case name
    /// An address to listen on.
    case listen
    /// An address to listen on, or a section that has one; or a list of them.
    case listens(Section)
    /// The permission bits of a file.
    case mode
    /// One address prefix, or a list of them.
    case prefixes
    /// One rule for destinations, or a list of them.
    case destinations
    /// An address to connect to, or a section that has one; or a list of them; or the word for where the client wanted to go.
    case origins(Section, word: String)
    /// An address to connect to.
    case origin
    /// A section. With `off`, that word switches it off.
    case section(Section, off: Bool)
    /// A section, or the value of this one of its keys alone.
    case shorthand(Section, key: String)
    /// A list of sections, at least one.
    case sections(Section)

    /// What may stand there, for the end of an error message.
    var allowed: String {
        switch self {
        case .count(let range, let word):
            Self.list(
                word.map { [$0] } ?? [],
                or: "a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        case .size(let range, let word):
            Self.list(
                word.map { [$0] } ?? [],
                or: "a size from \(range.lowerBound) to \(range.upperBound), as in 4096, 64K, 1M or 2G"
            )
        case .duration(let range, let words):
            Self.list(
                words,
                or: "a duration from \(range.lowerBound) to \(range.upperBound), as in 250ms, 5s, 2m or 1h"
            )
        case .choice(let words): words.joined(separator: ", ")
        case .congestionControl(let word):
            "\(word), or a name of 1 to 15 characters, as in sysctl net.ipv4.tcp_available_congestion_control"
        case .percent(let range):
            "a percentage from \(range.lowerBound) to \(range.upperBound), as in 0.5% or 5%"
        case .choices(let words, let none): "\(none), or one or a list of \(words.joined(separator: ", "))"
        case .flag: "true, false"
        case .path: "an absolute path"
        case .name: "1 to 63 letters, digits, '.', '_' and '-', a letter or digit first"
        case .listen: ListenAddress.allowed
        case .listens(let section):
            "one listener or a list of them, each an address (\(ListenAddress.allowed)) or a mapping of \(section.names.joined(separator: ", "))"
        case .mode: "three octal digits and a 0 before them or not, as in 0660"
        case .prefixes: "one prefix or a list of them: \(AddressPrefixError.allowed)"
        case .destinations: "one rule or a list of them: \(DestinationRuleError.allowed)"
        case .text: "text of 1 to 256 bytes, as in \"PING\\r\\n\""
        case .word: "1 to 256 printable ASCII characters without blanks"
        case .statuses: "a status from 100 to 599 or a range of them, as in 200 or 200-399"
        case .origin: OriginAddress.allowed
        case .origins(let section, let word):
            "\(word), or one origin or a list of them, each an address (\(OriginAddress.allowed)) or a mapping of \(section.names.joined(separator: ", "))"
        case .section(let section, let off):
            Self.list(off ? ["off"] : [], or: "a mapping of \(section.names.joined(separator: ", "))")
        case .shorthand(let section, let name):
            "\(section.key(named: name)?.kind.allowed ?? ""), or a mapping of \(section.names.joined(separator: ", "))"
        case .sections(let section):
            "a list, each item a mapping of \(section.names.joined(separator: ", "))"
        }
    }

    private static func list(_ words: [String], or last: String) -> String {
        words.isEmpty ? last : "\(words.joined(separator: ", ")), or \(last)"
    }
}
