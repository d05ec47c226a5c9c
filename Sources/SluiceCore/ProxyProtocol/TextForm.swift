import Glibc

/// Version 1: `PROXY TCP4 192.0.2.1 192.0.2.2 56324 443` and CR LF.
enum TextForm {
    static let signature: StaticString = "PROXY "
    /// The longest line that a sender may send, with CR and LF (section 2.1).
    static let maximumLength = 107

    static func parse(
        _ bytes: UnsafeRawBufferPointer
    ) throws(ProxyHeaderError) -> (header: ProxyHeader, length: Int)? {
        guard let end = endOfLine(in: bytes) else {
            guard bytes.count < maximumLength else { throw .endlessLine }
            return nil
        }
        return (ProxyHeader(endpoints: try endpoints(in: bytes[..<end])), end + 2)
    }

    static func encode(_ header: ProxyHeader) -> [UInt8] {
        guard let endpoints = header.endpoints?.inOneFamily, endpoints.source.isTCP else {
            return Array("PROXY UNKNOWN\r\n".utf8)
        }
        let family = endpoints.source.family == AF_INET ? "TCP4" : "TCP6"
        let (source, destination) = (endpoints.source, endpoints.destination)
        return Array(
            "PROXY \(family) \(source.hostText) \(destination.hostText) \(source.port) \(destination.port)\r\n"
                .utf8
        )
    }

    /// Where CR LF stands. A CR or a LF alone ends no line.
    private static func endOfLine(in bytes: UnsafeRawBufferPointer) -> Int? {
        let limit = min(bytes.count, maximumLength)
        return (0..<max(0, limit - 1)).first {
            bytes[$0] == UInt8(ascii: "\r") && bytes[$0 + 1] == UInt8(ascii: "\n")
        }
    }

    /// `nil` for UNKNOWN, whatever follows it.
    private static func endpoints(
        in line: Slice<UnsafeRawBufferPointer>
    ) throws(ProxyHeaderError) -> ProxyHeader.Endpoints? {
        let fields = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        let isIPv6: Bool
        switch String(decoding: fields[1], as: UTF8.self) {
        case "UNKNOWN": return nil
        case "TCP4": isIPv6 = false
        case "TCP6": isIPv6 = true
        default: throw .badLine(.family)
        }
        guard fields.count == 6 else { throw .badLine(.fields) }
        return ProxyHeader.Endpoints(
            source: try address(fields[2], port: try port(fields[4]), isIPv6: isIPv6),
            destination: try address(fields[3], port: try port(fields[5]), isIPv6: isIPv6)
        )
    }

    /// The forms of inet_pton(3): it refuses zeros in front of an IPv4 number, as the specification asks. IPv6 may end in
    /// IPv4's form, because that is how inet_ntop(3), and with it HAProxy, writes an IPv4-mapped address.
    private static func address(
        _ field: Slice<UnsafeRawBufferPointer>,
        port: UInt16,
        isIPv6: Bool
    ) throws(ProxyHeaderError) -> SocketAddress {
        let hasOtherBytes = field.contains { byte in
            !(byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":")
                || Character(UnicodeScalar(byte)).isHexDigit)
        }
        guard !hasOtherBytes,
            let address = SocketAddress(literal: String(decoding: field, as: UTF8.self), port: port),
            (address.family != AF_INET) == isIPv6
        else { throw .badLine(.address) }
        return address
    }

    private static func port(_ field: Slice<UnsafeRawBufferPointer>) throws(ProxyHeaderError) -> UInt16 {
        let isNumber =
            (1...5).contains(field.count)
            && field.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isNumber, field.count == 1 || field.first != UInt8(ascii: "0"),
            let port = UInt16(String(decoding: field, as: UTF8.self))
        else { throw .badLine(.port) }
        return port
    }
}
