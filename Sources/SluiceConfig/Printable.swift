/// Makes text out of a file fit to stand in a one-line message.
enum Printable {
    /// In quotes, shortened, on one line.
    static func quoted(_ text: String) -> String {
        let shown = text.count > 60 ? text.prefix(57) + "..." : text[...]
        return "'\(escaped(String(shown)))'"
    }

    /// Control characters as escapes, so that they can neither break the line nor drive a terminal.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            result += isControl(scalar) ? scalar.escaped(asASCII: true) : String(scalar)
        }
        return result
    }

    static func hasControl(_ text: String) -> Bool {
        text.unicodeScalars.contains(where: isControl)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        // Format characters include the ones that turn the direction of text.
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
