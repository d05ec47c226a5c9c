import SluiceCore
import Testing

@testable import SluiceConfig

@Suite struct DurationTextTests {
    @Test(arguments: [
        ("0ms", Duration.zero), ("250ms", .milliseconds(250)), ("5s", .seconds(5)), ("2m", .seconds(120)),
        ("1h", .seconds(3600)), ("8760h", .seconds(31_536_000)),
    ])
    func reads(text: String, duration: Duration) throws {
        #expect(try DurationText(parsing: text).duration == duration)
    }

    @Test(arguments: [
        ("", "it is empty"), ("5", "a bare number has no unit"), ("0", "a bare number has no unit"),
        ("-5s", "a duration is not negative"), ("1.5s", "it is not a whole number"),
        ("5S", "'S' is not a unit"),
        ("5M", "'M' is not a unit"), ("5 s", "' s' is not a unit"), ("1m30s", "'m30s' is not a unit"),
        ("1d", "'d' is not a unit"), ("never", "it does not start with a digit"),
        ("1:30", "':30' is not a unit"),
        ("9223372036854775808ms", "it is too long"), ("9223372036854775807h", "it is too long"),
    ])
    func refuses(text: String, problem: String) {
        #expect(throws: DurationTextError(text: text, problem: problem)) { try DurationText(parsing: text) }
    }

    @Test func anErrorNamesTextAndAllowedForms() {
        let error = #expect(throws: DurationTextError.self) { try DurationText(parsing: "30") }
        #expect(
            error?.description
                == "'30' is not a duration: a bare number has no unit "
                + "(allowed: a whole number with ms, s, m or h, as in 250ms, 5s, 2m or 1h)"
        )
    }

    @Test(arguments: [
        (0, "0ms"), (1, "1ms"), (1000, "1s"), (1500, "1500ms"), (90_000, "90s"), (7_200_000, "2h"),
    ])
    func writesTheShortestExactText(milliseconds: Int, text: String) throws {
        #expect(DurationText(.milliseconds(milliseconds)).description == text)
        #expect(try DurationText(parsing: text).duration == .milliseconds(milliseconds))
    }

    @Test func neverIsAnIdleTimeoutAndNothingElse() throws {
        #expect(try IdleTimeout(parsing: "never") == .never)
        #expect(try IdleTimeout(parsing: "2m") == .after(.seconds(120)))
        #expect(throws: DurationTextError.self) { try IdleTimeout(parsing: "Never") }
    }
}
