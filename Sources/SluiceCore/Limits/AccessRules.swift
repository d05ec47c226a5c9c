/// Which clients a route serves, by their address. The longest prefix that holds an address decides.
struct AccessRules: Sendable {
    /// The rules of one family and one length: whether to allow what begins with these bits.
    private struct Length: Sendable {
        let length: Int
        var verdicts: [UInt128: Bool] = [:]
    }

    /// Longest first.
    private let ipv4: [Length]
    private let ipv6: [Length]
    /// What holds for an address without a rule: who names some to allow means those alone.
    private let otherwise: Bool

    /// `nil` where there is no rule.
    init?(_ configuration: AccessConfiguration) {
        guard !configuration.allow.isEmpty || !configuration.deny.isEmpty else { return nil }
        let rules = configuration.allow.map { ($0, true) } + configuration.deny.map { ($0, false) }
        ipv4 = Self.lengths(rules.filter { $0.0.isIPv4 })
        ipv6 = Self.lengths(rules.filter { !$0.0.isIPv4 })
        otherwise = configuration.allow.isEmpty
    }

    /// A client of a Unix socket has no address: there the socket file's permissions say who may connect.
    func allows(_ client: SocketAddress) -> Bool {
        guard let address = AddressPrefix(of: client) else { return true }
        for length in address.isIPv4 ? ipv4 : ipv6 {
            if let verdict = length.verdicts[AddressPrefix.mask(address.bits, to: length.length)] {
                return verdict
            }
        }
        return otherwise
    }

    private static func lengths(_ rules: [(AddressPrefix, Bool)]) -> [Length] {
        var lengths: [Int: Length] = [:]
        for (prefix, verdict) in rules {
            lengths[prefix.length, default: Length(length: prefix.length)].verdicts[prefix.bits] = verdict
        }
        return lengths.values.sorted { $0.length > $1.length }
    }
}
