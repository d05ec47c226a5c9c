import CSluiceLinux
import SluiceControl

@testable import SluiceCore

/// TCP_INFO as a kernel of any age may fill it in, one sample after the other, and what the controller makes of it: each
/// sample is a byte for the length, one for the time since the last one, and the bytes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var rest = UnsafeRawBufferPointer(start: start, count: count)
    guard let first = rest.first else { return 0 }
    let flowClass = FlowClass.allCases[Int(first) % FlowClass.allCases.count]
    var controller = DirectionController(
        policy: .adaptive,
        targets: ClassTargets[for: flowClass],
        ringCeiling: 1 << 20
    )
    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst())
    var (time, relayed) = (UInt64(1), UInt64(0))
    while rest.count >= 2 {
        let length = min(Int(rest[0]), rest.count - 2)
        time += UInt64(rest[1]) * 10_000
        relayed += UInt64(length) << 10
        let sample = LegSample(info(rest[2..<2 + length]), length: length)
        if let decision = controller.observe(sink: sample, relayedBytes: relayed, at: time) {
            precondition(decision.notSentLowat ?? 0 >= 0, "a limit of \(decision)")
        }
        precondition((1...1 << 20).contains(controller.ringTarget), "a ring of \(controller.ringTarget)")
        rest = UnsafeRawBufferPointer(rebasing: rest[(2 + length)...])
    }
    return 0
}

private func info(_ bytes: Slice<UnsafeRawBufferPointer>) -> csluice_tcp_info {
    var info = csluice_tcp_info()
    withUnsafeMutableBytes(of: &info) { $0.copyBytes(from: bytes.prefix($0.count)) }
    return info
}
