/// The frame of every report, and what their pages have in common.
package struct ReportDocument {
    package var title: String
    package var body: Markup

    package init(title: String, body: Markup) {
        self.title = title
        self.body = body
    }

    /// A whole page.
    package var html: String { page.text }

    private var page: Markup {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <link rel="icon" href="data:,">
        <title>\(title)</title>
        <style>\(ReportStyle.css)</style>
        </head>
        <body>
        <main>
        <h1>\(title)</h1>
        \(body)
        </main>
        </body>
        </html>

        """
    }

    /// A table that scrolls by itself where the page is narrow.
    package static func table(_ titles: [String], _ rows: [[String]]) -> Markup {
        guard !rows.isEmpty else { return "" }
        let head = Markup(titles.map { "<th scope=\"col\">\($0)</th>" }, separator: "")
        let body = rows.map { row -> Markup in
            let cells = row.enumerated().map { index, cell -> Markup in
                index == 0 ? "<th scope=\"row\">\(cell)</th>" : "<td>\(cell)</td>"
            }
            return "<tr>\(Markup(cells, separator: ""))</tr>"
        }
        return """
            <div class="scroll"><table><thead><tr>\(head)</tr></thead><tbody>
            \(Markup(body))
            </tbody></table></div>
            """
    }

    /// Names and values.
    package static func list(_ rows: [(String, String)]) -> Markup {
        let items = rows.map { name, value -> Markup in "<dt>\(name)</dt><dd>\(value)</dd>" }
        return "<dl>\(Markup(items, separator: ""))</dl>"
    }

    package static func command(_ words: [String]) -> Markup {
        "<pre>\(words.map(quoted).joined(separator: " "))</pre>"
    }

    /// As it can be typed into a shell again.
    static func quoted(_ word: String) -> String {
        let plain = word.allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber || "-_./:=,@%+[]".contains($0))
        }
        return plain && !word.isEmpty
            ? word
            : "'\(word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''"))'"
    }
}
