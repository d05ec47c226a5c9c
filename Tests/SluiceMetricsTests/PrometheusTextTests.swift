import Testing

@testable import SluiceMetrics

@Suite struct PrometheusTextTests {
    private func written(
        _ family: MetricFamily,
        _ write: (inout PrometheusText.Samples) -> Void
    ) -> String {
        var output = PrometheusText()
        output.append(family, write)
        return output.text
    }

    @Test func aCounterWithoutLabels() {
        let family = MetricFamily(.counter, "x_total", help: "How many.")
        #expect(
            written(family) { $0.add(3) } == "# HELP x_total How many.\n# TYPE x_total counter\nx_total 3\n"
        )
    }

    @Test func labelsStandInTheFamilysOrder() {
        let family = MetricFamily(.gauge, "x", labels: ["b", "a"], help: "")
        #expect(written(family) { $0.add(1, "first", "second") }.hasSuffix("x{b=\"first\",a=\"second\"} 1\n"))
    }

    @Test func labelValuesAreEscaped() {
        let family = MetricFamily(.gauge, "x", labels: ["l"], help: "")
        let text = written(family) { $0.add(1, "a\\b\"c\nd\r\ne é {}") }
        #expect(text.hasSuffix("x{l=\"a\\\\b\\\"c\\nd\r\\ne é {}\"} 1\n"))
    }

    @Test func helpKeepsItsQuotes() {
        let family = MetricFamily(.gauge, "x", help: "a\\b \"c\"\nd")
        #expect(written(family) { _ in }.hasPrefix("# HELP x a\\\\b \"c\"\\nd\n"))
    }

    @Test(arguments: [
        (0.0, "0"), (1.0, "1"), (-2.0, "-2"), (0.0005, "0.0005"), (2.5, "2.5"), (86400, "86400"),
        (1_700_000_000.25, "1700000000.25"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
    ]) func numbers(value: Double, text: String) {
        #expect(PrometheusText.number(value) == text)
    }

    @Test func wholeNumbersAreExact() {
        let family = MetricFamily(.counter, "x_total", help: "")
        #expect(written(family) { $0.add(UInt64.max) }.hasSuffix("x_total 18446744073709551615\n"))
    }

    @Test func bucketsAreCumulativeAndEndAtInfinity() {
        var histogram = Histogram(bounds: [0.5, 1])
        for value in [0.25, 0.75, 0.75, 8] { histogram.record(value) }
        let family = MetricFamily(.histogram, "x_seconds", labels: ["l"], help: "")
        let lines = written(family) { $0.add(histogram, "v") }.split(separator: "\n").dropFirst(2)
        #expect(
            Array(lines) == [
                "x_seconds_bucket{l=\"v\",le=\"0.5\"} 1",
                "x_seconds_bucket{l=\"v\",le=\"1\"} 3",
                "x_seconds_bucket{l=\"v\",le=\"+Inf\"} 4",
                "x_seconds_sum{l=\"v\"} 9.75",
                "x_seconds_count{l=\"v\"} 4",
            ]
        )
    }
}
