// A generation on the wire: one line of JSON for each token, each sent when it is due.

import FlyingSocks
import Foundation

/// How a streamed generation ended.
enum GenerationEnd: Equatable, Sendable {
    /// Every token and the closing line were handed to the socket.
    case complete(tokens: Int)
    /// The client left, or the origin stopped, after so many tokens.
    case abandoned(tokens: Int)
}

/// The body of a streamed answer. Each buffer is one line, and so one HTTP chunk and one write.
///
/// Nobody cancels the generation of a client that left: the write of the next token fails, FlyingFox drops
/// the body, and generating ends with it.
struct TokenStream: AsyncBufferedSequence {
    typealias Element = UInt8

    let generation: Generation
    let onEnd: @Sendable (GenerationEnd) -> Void

    func makeAsyncIterator() -> Iterator {
        Iterator(generation: generation, onEnd: onEnd)
    }

    /// A class, for its `deinit` to tell that the body was dropped. FlyingFox iterates a body once, from one
    /// task.
    final class Iterator: BufferIterator {
        private let generation: Generation
        private let onEnd: @Sendable (GenerationEnd) -> Void
        private let pacer: TokenPacer
        private var tokens: Generation.Tokens
        private var isComplete = false

        fileprivate init(generation: Generation, onEnd: @escaping @Sendable (GenerationEnd) -> Void) {
            self.generation = generation
            self.onEnd = onEnd
            pacer = TokenPacer(start: .now, rate: generation.rate)
            tokens = generation.makeTokens()
        }

        deinit {
            onEnd(isComplete ? .complete(tokens: tokens.count) : .abandoned(tokens: tokens.count))
        }

        func nextBuffer(suggested count: Int) async throws -> Data? {
            guard !isComplete else { return nil }
            let index = tokens.count
            guard let token = tokens.next() else {
                isComplete = true
                return try line(generation.closing(text: "", tokenCount: index, start: pacer.start))
            }
            // Jitter of the origin would look like jitter of the proxy.
            try await Task.sleep(until: pacer.deadline(of: index), tolerance: .zero, clock: .continuous)
            return try line(generation.part(token))
        }

        private func line(_ reply: OllamaReply) throws -> Data {
            var line = try OllamaJSON.encode(reply)
            line.append(UInt8(ascii: "\n"))
            return line
        }
    }
}
