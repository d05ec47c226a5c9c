/// Version 2: a signature, four bytes that say what follows, the addresses, the TLVs.
enum BinaryForm {
    static let signature: StaticString = "\r\n\r\n\0\r\nQUIT\n"
    private static let fixedLength = 16

    private enum Command {
        /// The sender's own connection. The rest of the header is to be skipped.
        static let local: UInt8 = 0x20
        static let proxy: UInt8 = 0x21
    }

    /// The address family in the upper half, the transport in the lower one.
    private enum Family: UInt8 {
        case unspecified = 0x00
        case tcp4 = 0x11
        case udp4 = 0x12
        case tcp6 = 0x21
        case udp6 = 0x22
        case unixStream = 0x31
        case unixDatagram = 0x32

        /// Bytes of both endpoints.
        var addressLength: Int {
            switch self {
            case .unspecified: 0
            case .tcp4, .udp4: 12
            case .tcp6, .udp6: 36
            case .unixStream, .unixDatagram: 2 * BinaryForm.pathLength
            }
        }
    }

    /// Bytes of a Unix socket's path, NULs at its end included.
    private static let pathLength = 108

    // MARK: Reading

    static func parse(
        _ bytes: UnsafeRawBufferPointer
    ) throws(ProxyHeaderError) -> (header: ProxyHeader, length: Int)? {
        // Each byte is judged as soon as it is there, so that a wrong sender learns of it soon.
        guard bytes.count > 12 else { return nil }
        let command = bytes[12]
        guard command == Command.local || command == Command.proxy else { throw .badCommand(command) }
        guard bytes.count > 13 else { return nil }
        let family = Family(rawValue: bytes[13])
        if family == nil, command == Command.proxy { throw .badFamily(bytes[13]) }
        guard bytes.count >= fixedLength else { return nil }
        let blockLength = Int(bytes[14]) << 8 | Int(bytes[15])
        let length = fixedLength + blockLength
        guard length <= ProxyHeader.maximumLength else { throw .tooLong(length) }
        // The family of LOCAL is to be ignored, with everything after it; and nobody knows what UNSPEC has there.
        guard command == Command.proxy, let family, family != .unspecified else {
            return bytes.count < length ? nil : (ProxyHeader(endpoints: nil), length)
        }
        guard blockLength >= family.addressLength else { throw .tooShort(blockLength) }
        guard bytes.count >= length else { return nil }
        let whole = UnsafeRawBufferPointer(rebasing: bytes[..<length])
        let tlvs = try ProxyTLVs(of: whole, from: fixedLength + family.addressLength)
        return (ProxyHeader(endpoints: endpoints(of: family, in: whole), tlvs: tlvs), length)
    }

    /// `nil` for a datagram: what it announces cannot be what arrives on a stream, so it counts as unspecified, as the
    /// specification allows.
    private static func endpoints(
        of family: Family,
        in header: UnsafeRawBufferPointer
    ) -> ProxyHeader.Endpoints? {
        func port(at offset: Int) -> UInt16 {
            header.loadUnaligned(fromByteOffset: offset, as: UInt16.self).bigEndian
        }
        func ipv4(at offset: Int, port: UInt16) -> SocketAddress {
            .ipv4(header.loadUnaligned(fromByteOffset: offset, as: UInt32.self), port: port)
        }
        func ipv6(at offset: Int, port: UInt16) -> SocketAddress {
            .ipv6(
                header.loadUnaligned(fromByteOffset: offset, as: UInt64.self),
                header.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self),
                port: port,
                scope: 0
            )
        }
        func unix(at offset: Int) -> SocketAddress {
            .unix(String(decoding: header[offset..<offset + pathLength].prefix { $0 != 0 }, as: UTF8.self))
        }
        switch family {
        case .tcp4:
            return ProxyHeader.Endpoints(
                source: ipv4(at: 16, port: port(at: 24)),
                destination: ipv4(at: 20, port: port(at: 26))
            )
        case .tcp6:
            return ProxyHeader.Endpoints(
                source: ipv6(at: 16, port: port(at: 48)),
                destination: ipv6(at: 32, port: port(at: 50))
            )
        case .unixStream:
            return ProxyHeader.Endpoints(source: unix(at: 16), destination: unix(at: 16 + pathLength))
        case .unspecified, .udp4, .udp6, .unixDatagram: return nil
        }
    }

    // MARK: Writing

    static func encode(_ header: ProxyHeader) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(
            fixedLength + 2 * pathLength + header.tlvs.bytes.count + ProxyTLVs.checksumLength
        )
        signature.withUTF8Buffer { bytes.append(contentsOf: $0) }
        guard let endpoints = header.endpoints?.inOneFamily else {
            bytes += [Command.local, Family.unspecified.rawValue, 0, 0]
            return bytes
        }
        bytes += [Command.proxy, family(of: endpoints.source).rawValue, 0, 0]
        append(endpoints, to: &bytes)
        bytes += header.tlvs.bytes
        if header.tlvs.hasChecksum { bytes += [ProxyTLVs.Kind.checksum, 0, 4, 0, 0, 0, 0] }
        let blockLength = bytes.count - fixedLength
        bytes[14] = UInt8(blockLength >> 8)
        bytes[15] = UInt8(blockLength & 0xff)
        if header.tlvs.hasChecksum { fillChecksum(of: &bytes) }
        return bytes
    }

    private static func family(of address: SocketAddress) -> Family {
        switch address {
        case .ipv4: .tcp4
        case .ipv6: .tcp6
        case .unix: .unixStream
        }
    }

    private static func append(_ endpoints: ProxyHeader.Endpoints, to bytes: inout [UInt8]) {
        let both = [endpoints.source, endpoints.destination]
        for address in both {
            switch address {
            case .ipv4(let bits, _): withUnsafeBytes(of: bits) { bytes += $0 }
            case .ipv6(let high, let low, _, _): withUnsafeBytes(of: (high, low)) { bytes += $0 }
            case .unix(let path):
                let kept = path.utf8.prefix(pathLength)
                bytes += kept
                bytes += repeatElement(0, count: pathLength - kept.count)
            }
        }
        for address in both where address.isTCP {
            bytes += [UInt8(address.port >> 8), UInt8(address.port & 0xff)]
        }
    }

    /// The checksum is the last thing in the header.
    private static func fillChecksum(of bytes: inout [UInt8]) {
        var checksum = CRC32C()
        checksum.update(bytes)
        let place = bytes.count - 4
        for index in 0..<4 {
            bytes[place + index] = UInt8(truncatingIfNeeded: checksum.value >> (24 - 8 * index))
        }
    }
}
