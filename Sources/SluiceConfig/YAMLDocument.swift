import Yams

/// A YAML file as a tree of nodes with their places.
///
/// A scalar is the text that stands in the file: nothing here turns `0:90`, `no` or `1e3` into another type.
struct YAMLDocument {
    /// `nil`: the file holds nothing but comments.
    let root: Node?
    private let lineCount: Int
    /// The names of keys that had to be disguised, by their places.
    private let disguises: [TextPlace: String]

    /// Throws the syntax error at which the parser gave up.
    init(_ text: String, file: String) throws(ConfigurationProblems) {
        let lineCount = Self.lineCount(of: text)
        self.lineCount = lineCount
        var duplicates = DuplicateKeys(text: text)
        while true {
            do {
                // Without a resolver's rules every scalar is a string, so `1` and `"1"` are the same key.
                root = try Parser(yaml: duplicates.text, resolver: .basic, encoding: .utf8).singleRoot()
                disguises = duplicates.disguises
                return
            } catch {
                if duplicates.disguise(after: error) { continue }
                let (place, message) = SyntaxError.describe(error, in: text)
                throw ConfigurationProblems(problems: [
                    ConfigurationProblem(
                        file: file,
                        place: place.map { Self.clamp($0, to: lineCount) },
                        key: nil,
                        message: message
                    )
                ])
            }
        }
    }

    /// Where a node starts. For an alias that is where its anchor stands.
    func place(of node: Node) -> TextPlace {
        // Every node that was parsed has a mark.
        guard let mark = node.mark else { return .start }
        return Self.clamp(TextPlace(line: mark.line, column: mark.column), to: lineCount)
    }

    /// A key's text. `nil`: a mapping or a list stands where a key should.
    func keyName(_ node: Node) -> String? {
        guard case .scalar(let scalar) = node else { return nil }
        return disguises[place(of: node)] ?? scalar.string
    }

    /// What ends at the end of the file is placed on the empty line after the last one; editors have no such line.
    private static func clamp(_ place: TextPlace, to lineCount: Int) -> TextPlace {
        place.line <= lineCount ? place : TextPlace(line: lineCount, column: 1)
    }

    private static func lineCount(of text: String) -> Int {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return max(1, lines.last?.isEmpty == true ? lines.count - 1 : lines.count)
    }
}

extension Node {
    /// A key without a value, or with YAML's word for none.
    var isEmpty: Bool {
        guard case .scalar(let scalar) = self, scalar.style == .plain else { return false }
        return ["", "~", "null"].contains(scalar.string)
    }
}
