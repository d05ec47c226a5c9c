@testable import SluiceCore

/// A PROXY header from the network: whatever is taken must be taken alike in pieces, and say the same when it is written again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    guard let whole = try? ProxyHeader.parse(bytes) else { return 0 }
    precondition(whole.length <= count, "a header is longer than what there is")
    let header = UnsafeRawBufferPointer(rebasing: bytes[..<whole.length])
    checkPieces(of: header, whole.header)
    for version in ProxyHeader.Version.allCases { checkWritten(whole.header, as: version) }
    return 0
}

private func checkPieces(of bytes: UnsafeRawBufferPointer, _ whole: ProxyHeader) {
    var reader = ProxyHeaderReader()
    let step = max(1, bytes.count / 7)
    for start in stride(from: 0, to: bytes.count, by: step) {
        let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + step, bytes.count)])
        guard let (consumed, header) = try? reader.take(piece) else { fatalError("a piece is refused") }
        precondition(consumed == piece.count, "a byte of the header is left")
        precondition((header == nil) == (start + step < bytes.count), "the header is whole too early")
        precondition(header == nil || header == whole, "the pieces say something else")
    }
}

private func checkWritten(_ header: ProxyHeader, as version: ProxyHeader.Version) {
    let written = header.encoded(as: version)
    let again = written.withUnsafeBytes { try? ProxyHeader.parse($0) }
    guard let again else {
        precondition(written.count > ProxyHeader.maximumLength, "what was written is refused")
        return
    }
    precondition(again.length == written.count, "what was written has another length")
    let canSay = version == .v2 || header.endpoints?.source.isTCP == true
    // The bytes of a path need be no text.
    if case .unix? = header.endpoints?.source { return }
    precondition(again.header.endpoints == (canSay ? header.endpoints?.inOneFamily : nil), "other addresses")
    precondition(version == .v1 || header.endpoints == nil || again.header.tlvs == header.tlvs, "other TLVs")
}
