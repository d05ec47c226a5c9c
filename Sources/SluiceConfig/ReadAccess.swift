import SluiceCore

/// The `access` of a route, read and checked: no prefix stands in both lists, or twice in one.
struct ReadAccess {
    let configuration: AccessConfiguration

    init(_ section: SectionReader?) {
        guard let section else {
            configuration = AccessConfiguration()
            return
        }
        var lists: [String: [AddressPrefix]] = [:]
        var owners: [AddressPrefix: String] = [:]
        for name in ["allow", "deny"] {
            for (prefix, node) in section.prefixes(name) {
                if let owner = owners[prefix] {
                    section.report("\(prefix) stands in \(owner) already", name, at: node)
                } else {
                    owners[prefix] = name
                    lists[name, default: []].append(prefix)
                }
            }
        }
        configuration = AccessConfiguration(allow: lists["allow"] ?? [], deny: lists["deny"] ?? [])
    }
}
