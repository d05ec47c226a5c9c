// The way in which FlyingFox takes a response body: buffer by buffer, each written at once.

import FlyingSocks

/// An iterator that makes buffers of bytes only. A body without a length becomes one HTTP chunk for each
/// buffer.
protocol BufferIterator: AsyncBufferedIteratorProtocol where Element == UInt8, Failure == any Error {}

extension BufferIterator {
    /// FlyingFox never asks a response body for single bytes.
    mutating func next() async throws -> UInt8? {
        preconditionFailure("this body is read by nextBuffer(suggested:)")
    }
}
