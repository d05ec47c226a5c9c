// One answer of the demo's model: its tokens, its pace and its closing figures.

import Foundation

/// What is to be generated, checked and complete.
struct Generation: Sendable {
    var model: String
    var prompt: String
    var seed: Int
    var limit: Limit
    /// Tokens a second.
    var rate: Double
    var isStreamed: Bool

    /// When the text ends.
    enum Limit: Equatable, Sendable {
        /// After exactly so many tokens, in mid-sentence if need be.
        case tokens(Int)
        /// With the first sentence that ends after so many tokens.
        case sentenceAfter(Int)

        /// Ollama's `done_reason`.
        var doneReason: String {
            switch self {
            case .tokens: "length"
            case .sentenceAfter: "stop"
            }
        }

        fileprivate func isReached(count: Int, atSentenceEnd: Bool) -> Bool {
            switch self {
            case .tokens(let limit): count >= limit
            case .sentenceAfter(let minimum): count >= minimum && atSentenceEnd
            }
        }
    }

    /// The whole answer at once, when its last token is due (`"stream": false`).
    ///
    /// The connection is silent until then, so a client that leaves is noticed only at the end.
    func reply() async throws -> OllamaReply {
        var tokens = makeTokens()
        var text = ""
        while let token = tokens.next() {
            text += token
        }
        let pacer = TokenPacer(start: .now, rate: rate)
        try await Task.sleep(until: pacer.deadline(of: tokens.count - 1), clock: .continuous)
        return closing(text: text, tokenCount: tokens.count, start: pacer.start)
    }

    /// One token of the answer.
    func part(_ token: String) -> OllamaReply {
        OllamaReply(model: model, createdAt: .now, response: token, done: false)
    }

    /// The last object of the answer, with the figures that a client computes its token rate from.
    func closing(text: String, tokenCount: Int, start: ContinuousClock.Instant) -> OllamaReply {
        let total = ContinuousClock.now - start
        let promptEvaluation = min(total, .seconds(1 / rate))
        var reply = OllamaReply(model: model, createdAt: .now, response: text, done: true)
        reply.doneReason = limit.doneReason
        reply.totalDuration = total.nanoseconds
        reply.loadDuration = 0
        reply.promptEvalCount = prompt.split(whereSeparator: \.isWhitespace).count
        reply.promptEvalDuration = promptEvaluation.nanoseconds
        reply.evalCount = tokenCount
        reply.evalDuration = (total - promptEvaluation).nanoseconds
        return reply
    }

    func makeTokens() -> Tokens {
        Tokens(chain: WordChain(seed: seed, prompt: prompt), limit: limit)
    }

    /// The answer's tokens, up to its limit.
    struct Tokens: IteratorProtocol {
        fileprivate var chain: WordChain
        fileprivate let limit: Limit
        /// How many were made.
        private(set) var count = 0

        fileprivate init(chain: WordChain, limit: Limit) {
            self.chain = chain
            self.limit = limit
        }

        mutating func next() -> String? {
            guard !limit.isReached(count: count, atSentenceEnd: chain.isAtSentenceEnd) else { return nil }
            count += 1
            return chain.nextToken()
        }
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 { Int64(self / .nanoseconds(1)) }
}
