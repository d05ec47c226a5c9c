// The little HTML that a report needs, with everything that comes from outside escaped.

/// A piece of markup that is safe to put into a page.
package struct Markup: ExpressibleByStringInterpolation, Sendable {
    package let text: String

    package init(stringLiteral value: String) { text = value }
    package init(_ parts: [Markup], separator: String = "\n") {
        text = parts.map(\.text).joined(separator: separator)
    }
    package init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

    /// A string becomes text, markup stays markup.
    package struct Interpolation: StringInterpolationProtocol {
        var text = ""
        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity * 2)
        }
        package mutating func appendLiteral(_ literal: String) { text += literal }
        package mutating func appendInterpolation(_ markup: Markup) { text += markup.text }
        package mutating func appendInterpolation(_ string: String) { text += Markup.escape(string) }
        package mutating func appendInterpolation(_ number: Int) { text += String(number) }
        /// A coordinate: a tenth of a unit is finer than any screen.
        package mutating func appendInterpolation(_ number: Double) {
            text += String((number * 10).rounded() / 10)
        }
    }

    static func escape(_ string: String) -> String {
        var escaped = ""
        for character in string.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            // Control characters are no HTML, escaped or not.
            case _ where character.value < 0x20 && character != "\n" && character != "\t":
                escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
