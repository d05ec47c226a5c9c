import Glibc

/// The addresses that begin with the same bits: `10.0.0.0/8`, `2001:db8::/32`, or one address alone.
public struct AddressPrefix: Sendable, Hashable {
    let isIPv4: Bool
    /// The address's bits from the top, zero behind the prefix.
    let bits: UInt128
    /// How many of them count, of 32 or of 128.
    public let length: Int

    /// Reads CIDR notation (RFC 4632), or an address, which stands for itself. Bits behind the prefix are an error: whoever
    /// wrote `10.1.2.3/8` meant something else.
    public init(parsing text: String) throws(AddressPrefixError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = SocketAddress(literal: String(parts[0]), port: 0).flatMap(AddressPrefix.init(of:))
        else {
            throw AddressPrefixError(
                text: text,
                problem: "'\(parts[0])' is neither an IPv4 nor an IPv6 address"
            )
        }
        guard parts.count == 2 else {
            self = whole
            return
        }
        let isNumber =
            (1...3).contains(parts[1].utf8.count) && parts[1].utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isNumber, let length = Int(parts[1]), length <= whole.length else {
            throw AddressPrefixError(
                text: text,
                problem: "a length here is a number from 0 to \(whole.length)"
            )
        }
        let bits = Self.mask(whole.bits, to: length)
        self.init(isIPv4: whole.isIPv4, bits: bits, length: length)
        guard bits == whole.bits else {
            throw AddressPrefixError(
                text: text,
                problem: "bits behind the prefix are set; did you mean '\(self)'?"
            )
        }
    }

    /// The whole address of a peer, IPv4-mapped IPv6 as IPv4. `nil` for a Unix socket.
    init?(of address: SocketAddress) {
        switch address.host {
        case .ipv4(let bits, _):
            self.init(isIPv4: true, bits: UInt128(UInt32(bigEndian: bits)) << 96, length: 32)
        case .ipv6(let high, let low, _, _):
            let bits = UInt128(UInt64(bigEndian: high)) << 64 | UInt128(UInt64(bigEndian: low))
            self.init(isIPv4: false, bits: bits, length: 128)
        case .unix:
            return nil
        }
    }

    private init(isIPv4: Bool, bits: UInt128, length: Int) {
        self.isIPv4 = isIPv4
        self.bits = bits
        self.length = length
    }

    static func mask(_ bits: UInt128, to length: Int) -> UInt128 {
        length == 0 ? 0 : bits & ~UInt128(0) << (128 - length)
    }

    /// Whether an address lies in it. IPv4-mapped IPv6 counts as IPv4; a Unix socket's is in none.
    package func contains(_ address: SocketAddress) -> Bool {
        guard let other = AddressPrefix(of: address), other.isIPv4 == isIPv4 else { return false }
        return Self.mask(other.bits, to: length) == bits
    }
}

extension AddressPrefix: CustomStringConvertible {
    public var description: String {
        withUnsafeBytes(of: bits.bigEndian) { bytes in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
                let family = isIPv4 ? AF_INET : AF_INET6
                inet_ntop(family, bytes.baseAddress!, text.baseAddress!, socklen_t(text.count))
                return "\(String(cString: text.baseAddress!))/\(length)"
            }
        }
    }
}

/// Why a text is no prefix.
public struct AddressPrefixError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The whole text that was read.
    public let text: String
    /// What is wrong with it, as the end of a sentence.
    public let problem: String
    /// The forms that are understood, for the end of an error message.
    public static let allowed = "10.0.0.0/8, 2001:db8::/32, 192.0.2.1"

    /// The text and what is wrong with it, without the allowed forms.
    public var reason: String { "'\(text)' is not an address prefix: \(problem)" }
    public var description: String { "\(reason) (allowed: \(Self.allowed))" }
}
