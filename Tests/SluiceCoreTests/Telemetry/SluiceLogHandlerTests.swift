import Foundation
import Logging
import SluiceRandom
import Testing

@testable import SluiceCore

@Suite(.timeLimit(.minutes(1))) struct SluiceLogHandlerTests {
    private let log = PipedLog()

    private func logger(_ format: LogConfiguration.Format, level: LogConfiguration.Level = .info) -> Logger {
        var configuration = LogConfiguration()
        configuration.format = format
        configuration.level = level
        let writer = log.writer
        return Logger(label: "test") { _ in SluiceLogHandler(configuration: configuration, writer: writer) }
    }

    /// Everything that breaks lines, quotes, terminals or parsers.
    private func hostileText(_ random: inout SplitMix64) -> String {
        let scalars: [Unicode.Scalar] = [
            "\n", "\r", "\t", "\"", "\\", "=", " ", "{", "}", ",", ":", "/", "\u{0}", "\u{1b}", "\u{7f}",
            "\u{85}", "\u{9b}", "\u{2028}", "\u{2029}", "\u{301}", "é", "中", "🚰", "a", "0",
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            text.append(scalars.randomElement(using: &random)!)
        }
        return String(text)
    }

    private func sameScalars(_ value: Any?, _ text: String) -> Bool {
        (value as? String).map { Array($0.unicodeScalars) == Array(text.unicodeScalars) } ?? false
    }

    @Test func jsonIsValidWhateverThePeersSend() throws {
        var random = SplitMix64(seed: 17)
        let logger = logger(.json)
        for _ in 0..<400 {
            let (message, key) = (hostileText(&random), "k" + hostileText(&random))
            let (value, inner) = (hostileText(&random), hostileText(&random))
            logger.info(
                "\(message)",
                metadata: [
                    key: .string(value),
                    "list": .array([.string(inner), .dictionary(["in": .string(value)])]),
                ]
            )
            let line = try #require(log.lines(1).first)
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
                "\(line)"
            )
            #expect(sameScalars(object["message"], message))
            #expect(object.contains { sameScalars($0.key, key) && sameScalars($0.value, value) })
            let list = try #require(object["list"] as? [Any])
            #expect(sameScalars(list[0], inner))
            #expect(sameScalars((list[1] as? [String: Any])?["in"], value))
            #expect(object["level"] as? String == "info")
        }
        #expect(log.isReadOut)
    }

    @Test func textIsOneLineAnEventAndSteersNoTerminal() throws {
        var random = SplitMix64(seed: 19)
        let logger = logger(.text)
        for _ in 0..<400 {
            logger.info(
                "\(hostileText(&random))",
                metadata: ["k" + hostileText(&random): .string(hostileText(&random)), "end": "here"]
            )
            let line = try #require(log.lines(1).first)
            // A combining mark that follows is one character with the space: compare below characters.
            #expect(line.utf8.starts(with: line.utf8.prefix(24) + Array(" info ".utf8)))
            #expect(line.contains(" end=here"))
            #expect(
                line.unicodeScalars.allSatisfy { scalar in
                    scalar.properties.generalCategory != .control && scalar != "\u{2028}"
                        && scalar != "\u{2029}"
                }
            )
        }
        #expect(log.isReadOut)
    }

    @Test func plainValuesStandAsTheyAreAndOthersInQuotes() throws {
        logger(.text).warning(
            "accepting is paused",
            metadata: ["b": "two words", "a": "plain", "c": "", "d": "x=y", "e": .stringConvertible(42)]
        )
        let line = try #require(log.lines(1).first)
        #expect(line.hasSuffix(#" warning accepting is paused a=plain b="two words" c="" d="x=y" e=42"#))
    }

    @Test func numbersAreNumbers() throws {
        logger(.json).info(
            "n",
            metadata: [
                "int": .stringConvertible(-42),
                "big": .stringConvertible(UInt64.max),
                "word": .stringConvertible(UInt32(7)),
                "real": .stringConvertible(0.25),
                "tiny": .stringConvertible(1e-9),
                "none": .stringConvertible(Double.nan),
                "huge": .stringConvertible(Double.infinity),
                "text": "42",
            ]
        )
        let line = try #require(log.lines(1).first)
        for part in [
            #""int":-42"#, #""big":18446744073709551615"#, #""word":7"#, #""real":0.25"#, #""none":null"#,
            #""huge":null"#, #""text":"42""#,
        ] {
            #expect(line.contains(part))
        }
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect(object?["tiny"] as? Double == 1e-9)
    }

    @Test func theTimeIsRFC3339() throws {
        logger(.text).info("x")
        let line = try #require(log.lines(1).first)
        #expect(line.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info x/) != nil)
    }

    @Test func theEventsMetadataWinsOverTheLoggers() throws {
        var logger = logger(.text)
        logger[metadataKey: "route"] = "outer"
        logger[metadataKey: "worker"] = "1"
        logger.info("x", metadata: ["route": "inner"])
        #expect(try #require(log.lines(1).first).hasSuffix(" info x route=inner worker=1"))
    }

    @Test(arguments: LogConfiguration.Level.allCases)
    func theLevelIsTheConfiguredOne(level: LogConfiguration.Level) {
        #expect(logger(.text, level: level).logLevel.rawValue == level.rawValue)
    }
}
