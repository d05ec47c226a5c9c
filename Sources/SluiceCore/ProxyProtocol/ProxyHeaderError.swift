/// Why bytes are no PROXY header.
package enum ProxyHeaderError: Error, Sendable, Equatable {
    /// They begin as neither version does.
    case noSignature
    /// Version 1: no end of the line within 107 bytes.
    case endlessLine
    /// Version 1: the line is not what the specification asks for. With what is wrong.
    case badLine(Fault)
    /// Version 2: the version and command byte.
    case badCommand(UInt8)
    /// Version 2: the family and transport byte.
    case badFamily(UInt8)
    /// Version 2: the header is longer than `ProxyHeader.maximumLength`. With its length.
    case tooLong(Int)
    /// Version 2: no room for the addresses of the family. With the length of the block.
    case tooShort(Int)
    /// Version 2: the TLVs do not fill the header exactly.
    case badTLV
    /// Version 2: the checksum is not that of the header, or is none.
    case badChecksum
    /// The connection ended before the header did. With the bytes that came.
    case truncated(Int)

    /// The part of a line that is wrong.
    package enum Fault: String, Sendable {
        case family, fields, address, port
    }
}

extension ProxyHeaderError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noSignature: "no PROXY protocol signature"
        case .endlessLine: "no end of the line within \(TextForm.maximumLength) bytes"
        case .badLine(.family): "the protocol is none of TCP4, TCP6 and UNKNOWN"
        case .badLine(.fields): "the line does not have six fields with one space between"
        case .badLine(.address): "an address is none of the line's protocol"
        case .badLine(.port): "a port is no number from 0 to 65535, or has a zero in front"
        case .badCommand(let byte): "version and command 0x\(Self.hex(byte)) (allowed: 0x20, 0x21)"
        case .badFamily(let byte):
            "family and transport 0x\(Self.hex(byte)) (allowed: 0x00, 0x11, 0x12, 0x21, 0x22, 0x31, 0x32)"
        case .tooLong(let length): "\(length) bytes (allowed: at most \(ProxyHeader.maximumLength))"
        case .tooShort(let length): "\(length) bytes do not hold the addresses of the family"
        case .badTLV: "the TLVs do not fill the header"
        case .badChecksum: "the CRC32C is wrong"
        case .truncated(let count): "the connection ended after \(count) bytes of the header"
        }
    }

    private static func hex(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}
