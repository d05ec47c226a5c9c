import Glibc
import Logging

/// swift-log's back end: one line an event, as text for people or as JSON for machines.
///
/// Text: `2026-01-31T12:00:00.000Z info connection closed bytes=42 reason=completed`.
/// JSON: an object with `time`, `level`, `message` and the metadata, numbers as numbers.
public struct SluiceLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    /// The process's level, unless this one logger was given its own.
    public var logLevel: Logger.Level {
        get { ownLevel ?? level.loggerLevel }
        set { ownLevel = newValue }
    }
    private var ownLevel: Logger.Level?
    private let level: LogLevel
    private let format: LogConfiguration.Format
    private let writer: LogWriter

    /// - Parameter level: What all loggers of the process follow; by default one of its own, at the configured level.
    public init(configuration: LogConfiguration, writer: LogWriter, level: LogLevel? = nil) {
        format = configuration.format
        self.level = level ?? LogLevel(configuration.level)
        self.writer = writer
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var fields = metadata
        if let own = event.metadata { fields.merge(own) { $1 } }
        let ordered = fields.sorted { $0.key < $1.key }
        let time = Self.timestamp()
        let message = event.message.description
        switch format {
        case .text:
            let words = ordered.map { " \(Self.textValue($0.key))=\(Self.textValue($0.value.description))" }
                .joined()
            writer.write("\(time) \(event.level) \(Self.textLine(message))\(words)")
        case .json:
            let rest = ordered.map { ",\(Self.quoted($0.key)):\(Self.jsonValue($0.value))" }.joined()
            let head =
                "{\"time\":\"\(time)\",\"level\":\"\(event.level)\",\"message\":\(Self.quoted(message))"
            writer.write("\(head)\(rest)}")
        }
    }

    /// RFC 3339, UTC, with milliseconds.
    private static func timestamp() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        gmtime_r(&now.tv_sec, &parts)
        func padded(_ value: Int32, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date =
            "\(padded(parts.tm_year + 1900, 4))-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))"
        let time = "\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))"
        return "\(date)T\(time).\(padded(Int32(now.tv_nsec / 1_000_000), 3))Z"
    }

    /// One event stays one line, whatever a peer or a file put into it.
    private static func textLine(_ text: String) -> String {
        text.unicodeScalars.contains(where: isControl) ? quoted(text) : text
    }

    private static func textValue(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.unicodeScalars.allSatisfy { !isControl($0) && $0 != " " && $0 != "\"" && $0 != "=" }
        return isPlain ? text : quoted(text)
    }

    /// Ends a line, or steers the terminal that shows it: the C0 and C1 controls, and Unicode's two separators.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f...0x9f, 0x2028, 0x2029: true
        default: false
        }
    }

    private static func jsonValue(_ value: Logger.Metadata.Value) -> String {
        switch value {
        case .stringConvertible(let number as any LogNumber): number.logText
        case .string, .stringConvertible: quoted(value.description)
        case .array(let values): "[" + values.map(jsonValue).joined(separator: ",") + "]"
        case .dictionary(let values):
            "{"
                + values.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(jsonValue($0.value))" }
                .joined(separator: ",") + "}"
        }
    }

    /// A JSON string (RFC 8259, section 7).
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isControl(scalar):
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// Values that JSON writes as numbers.
private protocol LogNumber {
    var logText: String { get }
}
extension Int: LogNumber { fileprivate var logText: String { String(self) } }
extension UInt64: LogNumber { fileprivate var logText: String { String(self) } }
extension UInt32: LogNumber { fileprivate var logText: String { String(self) } }
extension Double: LogNumber { fileprivate var logText: String { isFinite ? String(self) : "null" } }
