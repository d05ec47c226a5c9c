import SluiceConfig

/// A configuration file: it is taken, or every problem is told, with its place.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    do {
        _ = try ConfigurationFile.parse(text, file: "fuzz.yaml")
    } catch {
        precondition(!error.problems.isEmpty && !error.description.isEmpty, "refused without a reason")
    }
    return 0
}
