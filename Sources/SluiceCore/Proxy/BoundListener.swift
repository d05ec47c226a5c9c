// What a proxy listens on, and what a new configuration makes of that.

import Glibc

/// One address that a proxy listens on.
struct BoundListener: Sendable {
    /// Names it to the workers. Unique in this process: none is used a second time.
    let id: Int
    /// As it is configured: with port 0 where the kernel chose one.
    var configured: ListenAddress
    /// Where it is bound.
    let address: SocketAddress
    /// Whether the file of a Unix socket is this process's to remove: not where systemd made it.
    let ownsFile: Bool
    /// Whether its sockets take connections to other addresses than their own (IP_TRANSPARENT).
    let isTransparent: Bool
    var route: Route

    /// A listener that stays keeps what its sockets were opened with.
    func check() throws(ListenError) {
        guard route.configuration.listensTransparently != isTransparent else { return }
        throw ListenError(.isSteeredOtherwise, route: route.name, address: configured)
    }

    /// Gives a Unix socket's file the configured permissions.
    func permit() throws(SystemError) {
        if ownsFile, case .unix(let path) = configured.address { try configured.permissions.apply(to: path) }
    }

    /// Nobody finds a Unix socket any more once its file is gone.
    func removeSocketFile() {
        if ownsFile, case .unix(let path) = configured.address { unlink(path) }
    }
}

/// A listener on its way to the workers.
struct AddedListener: Sendable {
    let id: Int
    let route: Route
    private let sockets: [ListenSocket]

    init(id: Int, route: Route, sockets: [ListenSocket]) {
        self.id = id
        self.route = route
        self.sockets = sockets
    }

    /// Closes what no worker has taken over.
    func close() {
        for socket in sockets { Glibc.close(socket.descriptor) }
    }

    /// Those that one of `count` workers takes over: usually one, but a worker may have several, or share.
    func sockets(ofWorker index: Int, of count: Int) -> [ListenSocket] {
        stride(from: index, to: sockets.count, by: count).map { sockets[$0] }
    }
}

/// Which listeners stay, come and go when the routes change. An address that stays keeps its sockets, whatever becomes of
/// the route behind it.
struct ListenerPlan {
    private(set) var kept: [BoundListener] = []
    /// Those of `kept` whose file gets other permissions.
    private(set) var permitted: [BoundListener] = []
    private(set) var added: [(address: ListenAddress, route: Route)] = []
    private(set) var removed: [BoundListener]

    init(current: [BoundListener], routes: [Route]) {
        removed = current
        var open: [(address: ListenAddress, route: Route)] = []
        for route in routes {
            for address in route.configuration.listen {
                // Several may be on port 0, each with a port of its own: their route's name tells them apart.
                if !keep(address, for: route, where: { $0.route.name == route.name }) {
                    open.append((address, route))
                }
            }
        }
        for (address, route) in open where !keep(address, for: route, where: { _ in true }) {
            added.append((address, route))
        }
    }

    private mutating func keep(
        _ address: ListenAddress,
        for route: Route,
        where condition: (BoundListener) -> Bool
    ) -> Bool {
        let wanted = address.address.canonical
        let index = removed.firstIndex { $0.configured.address.canonical == wanted && condition($0) }
        guard let index else { return false }
        var listener = removed.remove(at: index)
        listener.route = route
        let isPermitted = listener.configured.permissions != address.permissions
        listener.configured = address
        kept.append(listener)
        if isPermitted { permitted.append(listener) }
        return true
    }
}
