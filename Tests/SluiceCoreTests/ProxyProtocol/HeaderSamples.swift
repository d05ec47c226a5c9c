import SluiceRandom

@testable import SluiceCore

/// Headers for the tests: random right ones, and hand-made wrong ones.
enum HeaderSamples {
    static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]

    /// A version 2 header of these parts, whether they fit together or not.
    static func binary(_ command: UInt8, _ family: UInt8, _ block: [UInt8], claiming length: Int? = nil)
        -> [UInt8]
    {
        let length = length ?? block.count
        return signature + [command, family, UInt8(length >> 8), UInt8(length & 0xff)] + block
    }

    /// Addresses of TCP over IPv4, for a block.
    static let ipv4Block: [UInt8] = [192, 0, 2, 1, 192, 0, 2, 2, 0xdc, 0x04, 0x01, 0xbb]

    static func random(_ generator: inout SplitMix64, family: Int? = nil, hasChecksum: Bool? = nil)
        -> ProxyHeader
    {
        func address(_ family: Int) -> SocketAddress {
            let port = UInt16.random(in: 0...(.max), using: &generator)
            switch family {
            case 0: return .ipv4(.random(in: 0...(.max), using: &generator), port: port)
            case 1:
                // Not IPv4-mapped: that would come back as IPv4.
                return .ipv6(
                    .random(in: 1...(.max), using: &generator),
                    .random(in: 0...(.max), using: &generator),
                    port: port,
                    scope: 0
                )
            default:
                return .unix(String(repeating: "/s", count: .random(in: 0...54, using: &generator)))
            }
        }
        let family = family ?? Int.random(in: 0...2, using: &generator)
        return ProxyHeader(
            endpoints: .init(source: address(family), destination: address(family)),
            tlvs: ProxyTLVs(
                (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                    let kinds: [UInt8] = [0x01, 0x02, 0x04, 0x05, 0x20, 0x30, 0xE0, 0xEA]
                    let value = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                        UInt8.random(in: 0...255, using: &generator)
                    }
                    return (kinds.randomElement(using: &generator)!, value)
                },
                hasChecksum: hasChecksum ?? .random(using: &generator)
            )
        )
    }
}

/// What reading came to: a header and its length, an error, or (both `nil`) neither yet.
struct HeaderVerdict: Equatable {
    var header: ProxyHeader?
    var length: Int?
    var error: ProxyHeaderError?

    init(of bytes: [UInt8]) {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(ProxyHeaderError) in try ProxyHeader.parse(bytes) }
        }
        switch result {
        case .success(let whole): (header, length) = (whole?.header, whole?.length)
        case .failure(let error): self.error = error
        }
    }

    var needsMore: Bool { header == nil && error == nil }
}
