import Yams

/// Turns what Yams throws into one line for an operator.
enum SyntaxError {
    static func describe(_ error: any Error, in text: String) -> (place: TextPlace?, message: String) {
        switch error {
        case YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _),
            YamlError.composer(let context, let problem, let mark, _):
            let place = TextPlace(line: mark.line, column: mark.column)
            let sentence = [context?.text, problem].compactMap(\.self).joined(separator: ", ")
            return (place, "not valid YAML: \(sentence)\(hint(at: place, in: text))")
        case YamlError.reader(let problem, let offset, _, _):
            let place = place(ofCharacter: offset ?? 0, in: text)
            return (place, "not valid YAML: \(problem)")
        case YamlError.duplicatedKeysInMapping(let names, let context):
            let place = TextPlace(line: context.mark.line, column: context.mark.column)
            return (place, "duplicate key \(Printable.quoted(names.first ?? ""))")
        default:
            return (nil, "not valid YAML: \(Printable.escaped("\(error)"))")
        }
    }

    /// What usually lies behind an error of which the parser tells only the symptom.
    private static func hint(at place: TextPlace, in text: String) -> String {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard lines.indices.contains(place.line - 1) else { return "" }
        // The parser stops at the bracket's end, or at the first token of the next line.
        let suspects = lines[max(0, place.line - 2)...(place.line - 1)].map { $0.prefix(200) }
        if lines[place.line - 1].prefix(while: \.isWhitespace).contains("\t") {
            return " (indent with spaces, not with tabs)"
        }
        // `[::1]:5432` starts a list, and a colon cannot start a word inside one.
        if suspects.contains(where: { $0.contains(/\[[0-9A-Fa-f:.]*\]:\d|[\[{].*[\s,\[]:\d/) }) {
            return " (such an address stands in quotes here: '[::1]:5432', ':5432')"
        }
        return ""
    }

    private static func place(ofCharacter offset: Int, in text: String) -> TextPlace {
        let before = text.prefix(offset)
        let line = before.lazy.filter(\.isNewline).count + 1
        let column = before.reversed().prefix { !$0.isNewline }.reduce(1) { $0 + $1.unicodeScalars.count }
        return TextPlace(line: line, column: column)
    }
}
