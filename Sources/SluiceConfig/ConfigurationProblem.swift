/// One thing that is wrong with a configuration, and where.
public struct ConfigurationProblem: Sendable, Hashable, CustomStringConvertible {
    /// The file, as it was named to Sluice. `nil`: the problem is a command-line flag's.
    public let file: String?
    /// Where in the file. `nil`: the file as a whole.
    public let place: TextPlace?
    /// The key, as `routes[0].timeouts.connect`, or the flag, as `--listen`. `nil`: the document as a whole.
    public let key: String?
    /// What is wrong and, where it applies, what is allowed. One line.
    public let message: String

    /// `file:line:column: key: message`, without the parts that are unknown.
    public var description: String {
        let position = [file, place?.description].compactMap(\.self).joined(separator: ":")
        return [position, key ?? "", message].filter { !$0.isEmpty }.joined(separator: ": ")
    }
}

/// A line and a column, both counted from 1; columns count Unicode scalars.
public struct TextPlace: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let line: Int
    public let column: Int

    /// Where a text begins.
    static let start = TextPlace(line: 1, column: 1)

    public var description: String { "\(line):\(column)" }

    public static func < (left: TextPlace, right: TextPlace) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// Everything that is wrong with a configuration. Never empty.
public struct ConfigurationProblems: Error, Sendable, Hashable, CustomStringConvertible {
    /// In the order of the file.
    public let problems: [ConfigurationProblem]

    /// One problem, of a command line's flag.
    public init(flag: String, message: String) {
        problems = [ConfigurationProblem(file: nil, place: nil, key: flag, message: message)]
    }

    init(problems: [ConfigurationProblem]) {
        self.problems = problems
    }

    /// One problem a line, for stderr.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// Collects problems while one document is read, so that all of them can be reported at once.
final class ProblemLog {
    private let file: String?
    private var found: [ConfigurationProblem] = []

    /// `nil`: the problems are those of flags.
    init(file: String?) {
        self.file = file
    }

    /// An empty `key` is the document as a whole.
    func report(_ message: String, key: String, at place: TextPlace?) {
        // An alias reads the same node again: one mistake, one report for each key that is affected.
        let problem = ConfigurationProblem(
            file: file,
            place: place,
            key: key.isEmpty ? nil : key,
            message: message
        )
        if !found.contains(problem) { found.append(problem) }
    }

    /// Throws what was collected, if anything was.
    func throwIfAny() throws(ConfigurationProblems) {
        guard !found.isEmpty else { return }
        throw ConfigurationProblems(problems: found.sorted { ($0.place ?? .start) < ($1.place ?? .start) })
    }
}
