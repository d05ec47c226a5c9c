// The body of `POST /api/generate`, and what is allowed in it.

import Foundation

/// A request in Ollama's shape. Keys that Ollama knows and this origin does not use are ignored.
struct GenerateRequest: Decodable {
    /// Token rates, per second, that a request or the operator may ask for.
    static let allowedRates: ClosedRange<Double> = 1...1_000_000
    /// Tokens that a request may ask for. A ceiling, so that every stream ends.
    static let allowedCounts: ClosedRange<Int> = 1...10_000
    /// The largest body that is read.
    static let maximumBytes = 1 << 20

    var model: String?
    var prompt: String?
    var stream: Bool?
    var options: Options?

    struct Options: Decodable {
        var seed: Int?
        var numPredict: Int?
        var tokensPerSecond: Double?
    }

    /// - Throws: `RequestError` that names the key, for what is not JSON or has the wrong type.
    init(json: Data) throws(RequestError) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            self = try decoder.decode(GenerateRequest.self, from: json)
        } catch let error as DecodingError {
            throw RequestError(message: error.messageForClient)
        } catch {
            throw RequestError(message: "the body cannot be read: \(error)")
        }
    }

    /// What is to be generated, with defaults filled in.
    /// - Throws: `RequestError` for a value out of range.
    func generation(defaultRate: Double) throws(RequestError) -> Generation {
        let rate = options?.tokensPerSecond ?? defaultRate
        guard Self.allowedRates.contains(rate) else {
            throw RequestError(message: "options.tokens_per_second \(rate): expected 1 to 1000000")
        }
        let limit = try tokenLimit()
        return Generation(
            model: model ?? OllamaModels.demoName,
            prompt: prompt ?? "",
            seed: options?.seed ?? 0,
            limit: limit,
            rate: rate,
            isStreamed: stream ?? true
        )
    }

    private func tokenLimit() throws(RequestError) -> Generation.Limit {
        // Ollama's -1 means "until the model is done".
        guard let count = options?.numPredict, count != -1 else { return .sentenceAfter(100) }
        guard Self.allowedCounts.contains(count) else {
            throw RequestError(
                message: "options.num_predict \(count): expected 1 to 10000, or -1 for the default"
            )
        }
        return .tokens(count)
    }
}

extension DecodingError {
    /// What was wrong and at which key, without the decoder's own vocabulary.
    fileprivate var messageForClient: String {
        switch self {
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            "\(context.codingPath.keyPath): expected \(Self.name(of: type))"
        case .keyNotFound(let key, let context):
            "\((context.codingPath + [key]).keyPath) is missing"
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            "\(context.codingPath.keyPath): the value does not fit"
        default:
            "the body is not valid JSON"
        }
    }

    private static func name(of type: any Any.Type) -> String {
        if type == String.self { return "a string" }
        if type == Bool.self { return "true or false" }
        if type == Int.self { return "a whole number" }
        if type == Double.self { return "a number" }
        return "an object"
    }
}

extension [any CodingKey] {
    /// The path as a client wrote it: `options.num_predict`.
    fileprivate var keyPath: String {
        isEmpty ? "the body" : map { $0.stringValue.snakeCased }.joined(separator: ".")
    }
}

extension String {
    fileprivate var snakeCased: String {
        reduce(into: "") { result, character in
            result += character.isUppercase ? "_" + character.lowercased() : String(character)
        }
    }
}
