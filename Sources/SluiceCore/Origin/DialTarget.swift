/// What to dial: addresses that are known already, or a name to be resolved.
enum DialTarget: Sendable {
    case addresses([SocketAddress])
    case name(Resolver.Name)

    init(_ origin: OriginAddress) {
        switch origin.address {
        case .unix(let path): self = .addresses([.unix(path)])
        case .name(let name, _) where origin.isService: self = .name(.service(name))
        case .name(let host, let port): self = .name(.host(host, port: port))
        case .ip(let host, let port):
            // `Address` holds a literal here: its parser made sure.
            guard let literal = SocketAddress(literal: host, port: port) else {
                self = .name(.host(host, port: port))
                return
            }
            self = .addresses([literal])
        }
    }
}
