import Testing

/// The SHA-256 of a file, in hexadecimal.
func sha256(ofFile path: String) throws -> String {
    let output = try succeed(Tool.sha256sum.require(), [path])
    return String(output.prefix { $0 != " " })
}
