@testable import SluiceBench

/// What the bench hears from a peer: its preamble, then messages, each behind its length.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    checkPreamble(Array(bytes.prefix(Preamble.byteCount)))
    // Each input is also tried as a message alone: the fuzzer need not guess a preamble first.
    for message in [bytes[...], bytes.dropFirst(Preamble.byteCount)] { checkMessages(message) }
    if let message = try? MessageChannel.decode(bytes) { check(message) }
    return 0
}

private func checkPreamble(_ bytes: [UInt8]) {
    guard let preamble = Preamble(bytes) else { return }
    precondition(Preamble.canStart(with: bytes), "a preamble cannot start as it does")
    guard preamble.version == Preamble.currentVersion else { return }
    precondition(preamble.bytes == bytes, "a preamble is written otherwise")
}

private func checkMessages(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    while rest.count > 4 {
        guard
            let length = try? MessageChannel.length(Array(rest.prefix(4)), limit: MessageChannel.fromClient),
            rest.count >= 4 + length,
            let message = try? MessageChannel.decode(Array(rest.dropFirst(4).prefix(length)))
        else { return }
        check(message)
        rest = rest.dropFirst(4 + length)
    }
}

private func check(_ message: ControlMessage) {
    // A server looks at a plan before it does anything with it.
    if case .plan(let plan) = message { try? plan.validate() }
    let written = MessageChannel.encode(message)
    precondition(
        (try? MessageChannel.decode(Array(written.dropFirst(4)))) != nil,
        "a message does not read back"
    )
}
