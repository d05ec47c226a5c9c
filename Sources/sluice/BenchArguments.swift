// How the bench's own texts become options.

import ArgumentParser
import SluiceBench
import SluiceCore

extension BenchMode: ExpressibleByArgument {}
extension ProbeKind: ExpressibleByArgument {}

extension Address {
    /// HOST or HOST:PORT.
    init(parsing text: String, defaultPort: UInt16) throws(AddressError) {
        // An IPv6 address without brackets has colons, too, and no port.
        let isIPv6 = text.count(where: { $0 == ":" }) > 1 && !text.contains("[")
        let hasPort = !isIPv6 && text.contains(":") && !text.hasSuffix("]")
        let host = isIPv6 ? "[\(text)]" : text
        try self.init(parsing: hasPort ? text : "\(host):\(defaultPort)")
    }
}
