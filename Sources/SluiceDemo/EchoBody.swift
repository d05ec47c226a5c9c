// A request's body as a response's body, passed on while it arrives.

import FlyingFox
import FlyingSocks
import Foundation

extension HTTPRequest {
    /// The body to answer with: of known length if the request's is, chunked if the request's is.
    ///
    /// FlyingFox reads a body of up to 2 MiB before the response; a longer or a chunked one streams.
    var echoBody: HTTPBodySequence {
        guard bodySequence.count == nil else { return bodySequence }
        // FlyingFox hands out a chunked request decoded, and would send the plain bytes as if they were
        // chunks.
        return HTTPBodySequence(from: EchoBody(request: bodySequence))
    }
}

/// The parts of a chunked request's body, ready to be encoded as chunks again.
private struct EchoBody: AsyncBufferedSequence {
    typealias Element = UInt8

    let request: HTTPBodySequence

    func makeAsyncIterator() -> Iterator {
        Iterator(parts: request.makeAsyncIterator())
    }

    struct Iterator: BufferIterator {
        var parts: HTTPBodySequence.Iterator

        mutating func nextBuffer(suggested count: Int) async throws -> Data? {
            try await parts.next()
        }
    }
}
