import Foundation

extension BenchResult {
    /// The whole result, its keys in order, so that two results can be compared with diff.
    public var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    /// Reads what `json` wrote.
    public init(json: String) throws {
        self = try JSONDecoder().decode(BenchResult.self, from: Data(json.utf8))
    }
}
