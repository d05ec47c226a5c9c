/// A chart of lines, drawn as inline SVG. Colours come from the page's style, so that they follow dark mode and print.
package struct Chart: Sendable {
    package struct Line: Sendable {
        package var name: String
        /// In the units of the axes.
        package var points: [(x: Double, y: Double)]
        /// Which of the page's colours: the same one for the same thing in every chart.
        package var colour: Int
        /// Tells lines of one colour apart, and all of them where there is no colour.
        package var dash = Dash.solid

        package init(name: String, points: [(x: Double, y: Double)], colour: Int, dash: Dash = .solid) {
            self.name = name
            self.points = points
            self.colour = colour
            self.dash = dash
        }
    }

    package enum Dash: String, Sendable { case solid, dashed, dotted }

    package var title: String
    package var x: Axis
    package var y: Axis
    package var lines: [Line]
    /// A vertical line with a word.
    package var mark: (x: Double, label: String)?

    package init(
        title: String,
        x: Axis,
        y: Axis,
        lines: [Line],
        mark: (x: Double, label: String)? = nil
    ) {
        self.title = title
        self.x = x
        self.y = y
        self.lines = lines
        self.mark = mark
    }

    // The units are about a pixel on a phone, so that the labels can be read there.
    private static let width = 420.0
    private static let height = 250.0
    private static let left = 70.0
    private static let right = 24.0
    private static let top = 12.0
    private static let bottom = 44.0
    /// Points are drawn as dots as well, where there are so few that a line alone might not show.
    private static let dotLimit = 30
    package static let colours = 8

    package var markup: Markup {
        """
        <figure class="chart">
        <figcaption>\(title)</figcaption>
        <svg viewBox="0 0 \(Self.width) \(Self.height)" role="img" aria-label="\(title)">
        \(grid)
        \(Markup(lines.map(draw)))
        \(markLine)
        </svg>
        <ul class="legend">\(Markup(lines.map(legend), separator: ""))</ul>
        </figure>
        """
    }

    private func column(_ position: Double) -> Double {
        Self.left + position * (Self.width - Self.left - Self.right)
    }

    private func row(_ position: Double) -> Double {
        Self.height - Self.bottom - position * (Self.height - Self.top - Self.bottom)
    }

    private var grid: Markup {
        let rows = y.ticks.map { tick -> Markup in
            let y = row(tick.position)
            return """
                <path class="grid" d="M\(Self.left) \(y)H\(Self.width - Self.right)"/>\
                <text class="end" x="\(Self.left - 6)" y="\(y + 4)">\(tick.label)</text>
                """
        }
        let columns = x.ticks.map { tick -> Markup in
            let x = column(tick.position)
            return """
                <path class="grid" d="M\(x) \(Self.top)V\(Self.height - Self.bottom)"/>\
                <text class="middle" x="\(x)" y="\(Self.height - Self.bottom + 16)">\(tick.label)</text>
                """
        }
        let titles: Markup = """
            <text class="middle title" x="\(column(0.5))" y="\(Self.height - 6)">\(x.title)</text>
            """
        return Markup(rows + columns + [titles])
    }

    private var markLine: Markup {
        guard let mark else { return "" }
        let x = column(x.position(mark.x))
        return """
            <path class="mark" d="M\(x) \(Self.top)V\(Self.height - Self.bottom)"/>\
            <text class="halo" x="\(x + 4)" y="\(Self.top + 10)">\(mark.label)</text>
            """
    }

    private func draw(_ line: Line) -> Markup {
        let places = line.points.map { (x: column(x.position($0.x)), y: row(y.position($0.y))) }
        let path = Markup(places.enumerated().map { "\($0 == 0 ? "M" : "L")\($1.x) \($1.y)" }, separator: "")
        let dots = places.count > Self.dotLimit ? [] : places
        let circles = Markup(dots.map { "<circle cx=\"\($0.x)\" cy=\"\($0.y)\" r=\"2\"/>" }, separator: "")
        return """
            <g class="\(style(line))"><path class="line" d="\(path)"/>\(circles)</g>
            """
    }

    private func legend(_ line: Line) -> Markup {
        """
        <li><svg class="key" viewBox="0 0 28 8" aria-hidden="true"><g class="\(style(line))">\
        <path class="line" d="M1 4H27"/></g></svg>\(line.name)</li>
        """
    }

    private func style(_ line: Line) -> String { "c\(line.colour % Self.colours) \(line.dash.rawValue)" }
}
