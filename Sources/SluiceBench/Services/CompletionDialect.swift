import Foundation

/// How a model server is asked for a completion, and how it streams one.
public enum CompletionDialect: String, Codable, Sendable, CaseIterable {
    /// OpenAI's chat completions, as server-sent events: llama.cpp's server, vLLM and most others.
    case openai
    /// Ollama's lines of JSON: Ollama itself, and `sluice demo`.
    case ollama

    /// Where such a server listens when nobody says otherwise: llama.cpp's, and Ollama.
    public var defaultPort: UInt16 {
        switch self {
        case .openai: 8080
        case .ollama: 11434
        }
    }

    var path: String {
        switch self {
        case .openai: "/v1/chat/completions"
        case .ollama: "/api/generate"
        }
    }

    /// A request for at most `tokens` tokens. The same prompt gives the same text again, where the server can do that.
    func body(prompt: String, tokens: Int) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = .sortedKeys
        let data: Data?
        switch self {
        case .openai: data = try? encoder.encode(OpenAIRequest(prompt: prompt, tokens: tokens))
        case .ollama: data = try? encoder.encode(OllamaRequest(prompt: prompt, tokens: tokens))
        }
        // Strings and numbers always encode.
        return Array(data ?? Data())
    }

    /// What a line of the body says.
    func event(_ line: [UInt8]) throws(AnswerError) -> CompletionEvent {
        switch self {
        case .openai:
            // Other fields, comments and the empty lines between events carry nothing (WHATWG HTML, 9.2.6).
            guard line.starts(with: "data:".utf8) else { return .nothing }
            let data = line.dropFirst(5).drop { $0 == UInt8(ascii: " ") }
            return data.elementsEqual("[DONE]".utf8) ? .end : try OpenAIChunk(json: data).event
        case .ollama:
            return line.isEmpty ? .nothing : try OllamaChunk(json: line[...]).event
        }
    }
}

/// What a piece of a token stream says.
enum CompletionEvent: Equatable {
    case nothing
    case token(String)
    case end
}

/// Source: platform.openai.com/docs/api-reference/chat.
private struct OpenAIRequest: Encodable {
    var messages: [Message]
    var maxTokens: Int
    var stream = true
    var temperature = 0.0
    var seed = 1

    struct Message: Encodable {
        var role = "user"
        var content: String
    }

    init(prompt: String, tokens: Int) {
        messages = [Message(content: prompt)]
        maxTokens = tokens
    }
}

/// Source: Ollama's docs/api.md.
private struct OllamaRequest: Encodable {
    // `sluice demo` has one model and takes any name.
    var model = "sluice-demo:latest"
    var prompt: String
    var stream = true
    var options: Options

    struct Options: Encodable {
        var numPredict: Int
        var seed = 1
        var temperature = 0.0
    }

    init(prompt: String, tokens: Int) {
        self.prompt = prompt
        options = Options(numPredict: tokens)
    }
}

private struct OpenAIChunk: CompletionChunk {
    var choices: [Choice]?
    var error: Failure?

    struct Choice: Decodable {
        var delta: Delta?
    }
    struct Delta: Decodable {
        var content: String?
    }
    struct Failure: Decodable {
        var message: String?
    }

    var failure: String? { error.map { $0.message ?? "no message" } }

    var event: CompletionEvent {
        guard let text = choices?.first?.delta?.content, !text.isEmpty else { return .nothing }
        return .token(text)
    }
}

private struct OllamaChunk: CompletionChunk {
    var response: String?
    var done: Bool?
    var error: String?

    var failure: String? { error }

    var event: CompletionEvent {
        if done == true { return .end }
        guard let response, !response.isEmpty else { return .nothing }
        return .token(response)
    }
}

private protocol CompletionChunk: Decodable {
    var failure: String? { get }
}

extension CompletionChunk {
    init(json: ArraySlice<UInt8>) throws(AnswerError) {
        guard let chunk = try? JSONDecoder().decode(Self.self, from: Data(json)) else {
            throw .malformed("\(quoted(json)) is no piece of a token stream")
        }
        if let failure = chunk.failure { throw .refused(failure) }
        self = chunk
    }
}
