/// Reads a header that may come in pieces, and not one byte more than the header.
package struct ProxyHeaderReader {
    /// What came so far: nothing, unless the header is not whole.
    private var pending: [UInt8] = []

    package init() {}

    /// Whether a part of a header has come.
    var hasBegun: Bool { !pending.isEmpty }

    /// Looks at bytes that follow those of the calls before. Returns how many of them are the header's, and the header once
    /// it is whole. The others are the client's: to be left where they are.
    package mutating func take(
        _ bytes: UnsafeRawBufferPointer
    ) throws(ProxyHeaderError) -> (consumed: Int, header: ProxyHeader?) {
        guard !pending.isEmpty else {
            if let whole = try ProxyHeader.parse(bytes) { return (whole.length, whole.header) }
            pending.append(contentsOf: bytes)
            return (bytes.count, nil)
        }
        let before = pending.count
        pending.append(contentsOf: bytes)
        guard let whole = try parsePending() else { return (bytes.count, nil) }
        pending = []
        return (whole.length - before, whole.header)
    }

    /// The error of a connection that ends here.
    package var truncation: ProxyHeaderError { .truncated(pending.count) }

    private func parsePending() throws(ProxyHeaderError) -> (header: ProxyHeader, length: Int)? {
        let result = pending.withUnsafeBytes { bytes in
            Result { () throws(ProxyHeaderError) in try ProxyHeader.parse(bytes) }
        }
        return try result.get()
    }
}
