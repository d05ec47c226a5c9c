/// The TLVs of a version 2 header: a type byte, two bytes of length in network order, the value; one after the other.
///
/// They are kept as they came, in their order, so that they can be passed on unchanged. Only the checksum is not among
/// them: it belongs to one header, and is made anew for another.
package struct ProxyTLVs: Sendable, Equatable {
    /// Registered types that mean something to Sluice (section 2.2 of the specification).
    package enum Kind {
        package static let checksum: UInt8 = 0x03
    }

    /// One of them.
    package struct Element: Sendable, Equatable {
        package let kind: UInt8
        package let value: [UInt8]
    }

    /// A header's type and length bytes.
    static let prefixLength = 3
    static let checksumLength = prefixLength + 4

    /// As on the wire.
    package private(set) var bytes: [UInt8] = []
    /// Whether the header has a CRC32C. One that came with a checksum is passed on with one.
    package var hasChecksum = false

    package init() {}

    /// Of these elements, none of which is a checksum or has more than 65,535 bytes.
    package init(_ elements: [(kind: UInt8, value: [UInt8])], hasChecksum: Bool = false) {
        for element in elements {
            precondition(element.kind != Kind.checksum && element.value.count <= UInt16.max)
            bytes.append(element.kind)
            bytes.append(UInt8(element.value.count >> 8))
            bytes.append(UInt8(element.value.count & 0xff))
            bytes.append(contentsOf: element.value)
        }
        self.hasChecksum = hasChecksum
    }

    package var elements: [Element] {
        var found: [Element] = []
        bytes.withUnsafeBytes { all in
            var start = 0
            while let end = Self.end(of: start, in: all) {
                found.append(
                    Element(kind: all[start], value: Array(all[start + Self.prefixLength..<end]))
                )
                start = end
            }
        }
        return found
    }

    /// Reads the TLVs of `header`, a whole one, from `start` to its end, and checks the checksum if there is one.
    init(of header: UnsafeRawBufferPointer, from start: Int) throws(ProxyHeaderError) {
        var next = start
        while next < header.count {
            guard let end = Self.end(of: next, in: header) else { throw .badTLV }
            if header[next] == Kind.checksum {
                let value = next + Self.prefixLength..<end
                guard !hasChecksum, Self.isChecksum(value, of: header) else { throw .badChecksum }
                hasChecksum = true
            } else {
                bytes.append(contentsOf: header[next..<end])
            }
            next = end
        }
    }

    /// Where the TLV ends that begins at `start`. `nil`: it does not fit.
    private static func end(of start: Int, in bytes: UnsafeRawBufferPointer) -> Int? {
        guard start + prefixLength <= bytes.count else { return nil }
        let end = start + prefixLength + Int(bytes[start + 1]) << 8 + Int(bytes[start + 2])
        return end <= bytes.count ? end : nil
    }

    /// The checksum is that of the whole header with zeros in the checksum's place.
    private static func isChecksum(_ value: Range<Int>, of header: UnsafeRawBufferPointer) -> Bool {
        guard value.count == 4 else { return false }
        var checksum = CRC32C()
        checksum.update(header[..<value.lowerBound])
        checksum.updateZeros(value.count)
        checksum.update(header[value.upperBound...])
        return header.loadUnaligned(fromByteOffset: value.lowerBound, as: UInt32.self).bigEndian
            == checksum.value
    }
}
