/// What one PROXY protocol header says of the connection that it opens: HAProxy's "The PROXY protocol, Versions 1 & 2",
/// doc/proxy-protocol.txt in its source.
///
/// Pure: bytes in, a value out, and back. Nothing here reads a socket.
package struct ProxyHeader: Sendable, Equatable {
    /// The two forms on the wire: a line of text, and a binary block.
    package enum Version: String, Sendable, CaseIterable {
        case v1, v2
    }

    /// The two ends of the connection that the sender relays, as the sender saw it.
    package struct Endpoints: Sendable, Equatable {
        /// The client.
        package var source: SocketAddress
        /// What the client connected to. Of the source's family.
        package var destination: SocketAddress

        package init(source: SocketAddress, destination: SocketAddress) {
            self.source = source
            self.destination = destination
        }

        /// Both in the form of one family: IPv4 where that is possible. `nil`: there is none.
        var inOneFamily: Endpoints? {
            let plain = Endpoints(source: source.unmapped, destination: destination.unmapped)
            if plain.source.family == plain.destination.family { return plain }
            guard source.isTCP, destination.isTCP else { return nil }
            return Endpoints(source: source.mapped, destination: destination.mapped)
        }
    }

    /// `nil`: the sender relays nobody (its own health check, say), or cannot tell whom. The connection is then to be taken
    /// for what it looks like.
    package var endpoints: Endpoints?
    /// What version 2 says beyond the addresses.
    package var tlvs: ProxyTLVs

    package init(endpoints: Endpoints?, tlvs: ProxyTLVs = ProxyTLVs()) {
        self.endpoints = endpoints
        self.tlvs = tlvs
    }

    /// The longest header that is read or written, in bytes. The format goes to 65,551; the specification asks senders to
    /// stay below 536, and this is what HAProxy's buffer holds by default.
    package static let maximumLength = 16 << 10

    /// Reads the header that `bytes` begin with, and tells how many bytes it takes. `nil`: so far it is right, but not whole.
    package static func parse(
        _ bytes: UnsafeRawBufferPointer
    ) throws(ProxyHeaderError) -> (header: ProxyHeader, length: Int)? {
        if agree(bytes, BinaryForm.signature) { return try BinaryForm.parse(bytes) }
        if agree(bytes, TextForm.signature) { return try TextForm.parse(bytes) }
        throw .noSignature
    }

    /// The header's bytes, to be sent before anything else, in one piece. Version 1 has no room for TLVs, and none for the
    /// paths of Unix sockets: it says `UNKNOWN` then.
    package func encoded(as version: Version) -> [UInt8] {
        switch version {
        case .v1: TextForm.encode(self)
        case .v2: BinaryForm.encode(self)
        }
    }

    /// Whether the one is a beginning of the other.
    private static func agree(_ bytes: UnsafeRawBufferPointer, _ signature: StaticString) -> Bool {
        let expected = UnsafeRawBufferPointer(start: signature.utf8Start, count: signature.utf8CodeUnitCount)
        return zip(bytes, expected).allSatisfy { $0 == $1 }
    }
}
