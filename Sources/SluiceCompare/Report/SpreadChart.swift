import SluiceBench

/// One measure of all candidates: a dot for each round, the range, and the median, drawn as inline SVG.
struct SpreadChart {
    struct Row {
        var name: String
        /// One for each round.
        var values: [Double]
        var colour: Int
    }

    var title: String
    var axis: Axis
    var rows: [Row]

    // The units are about a pixel on a phone, as in `Chart`.
    private static let width = 420.0
    private static let left = 130.0
    private static let right = 36.0
    private static let top = 8.0
    private static let rowHeight = 24.0
    private static let bottom = 42.0

    private var end: Double { Self.top + Double(rows.count) * Self.rowHeight }
    private var height: Double { end + Self.bottom }

    private func column(_ value: Double) -> Double { place(axis.position(value)) }

    private func place(_ position: Double) -> Double {
        Self.left + position * (Self.width - Self.left - Self.right)
    }

    var markup: Markup {
        """
        <figure class="chart">
        <figcaption>\(title)</figcaption>
        <svg viewBox="0 0 \(Self.width) \(height)" role="img" aria-label="\(title)">
        \(grid)
        \(Markup(rows.enumerated().map { draw($1, at: Self.top + (Double($0) + 0.5) * Self.rowHeight) }))
        </svg>
        </figure>
        """
    }

    private var grid: Markup {
        let columns = axis.ticks.map { tick -> Markup in
            let x = place(tick.position)
            return """
                <path class="grid" d="M\(x) \(Self.top)V\(end)"/>\
                <text class="middle" x="\(x)" y="\(end + 16)">\(tick.label)</text>
                """
        }
        let title: Markup = """
            <text class="middle title" x="\(place(0.5))" y="\(height - 6)">\(axis.title)</text>
            """
        return Markup(columns + [title])
    }

    private func draw(_ row: Row, at y: Double) -> Markup {
        let label: Markup = """
            <text class="end" x="\(Self.left - 8)" y="\(y + 4)">\(row.name)</text>
            """
        guard let spread = Spread(row.values) else {
            return """
                \(label)<text x="\(Self.left + 6)" y="\(y + 4)">failed</text>
                """
        }
        let dots = row.values.map { value -> Markup in
            """
            <circle class="round" cx="\(column(value))" cy="\(y)" r="3"/>
            """
        }
        return """
            \(label)<g class="c\(row.colour % Chart.colours)">\
            <path class="range" d="M\(column(spread.minimum)) \(y)H\(column(spread.maximum))"/>\
            <path class="median" d="M\(column(spread.median)) \(y - 7)V\(y + 7)"/>\
            \(Markup(dots, separator: ""))</g>
            """
    }
}
