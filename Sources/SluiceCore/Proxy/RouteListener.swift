import Glibc

/// A listening socket together with the route that it serves now: a reload changes the route and keeps the socket.
///
/// Owned by its worker. Thread: its loop's.
final class RouteListener: ListenerDelegate {
    /// See `BoundListener.id`.
    let id: Int
    private(set) var route: Route
    private(set) var listener: Listener!
    /// Why it accepted nobody when it was asked last; `nil`: it did.
    private var lastPause: AcceptPause?
    private unowned let worker: Worker

    /// Takes the socket over, and closes it when it throws. Accepts nothing before `serve`.
    init(_ added: AddedListener, worker: Worker, socket: ListenSocket) throws(SystemError) {
        id = added.id
        route = added.route
        self.worker = worker
        do {
            listener = try Listener(loop: worker.loop, takingOver: socket, delegate: self)
        } catch {
            close(socket.descriptor)
            throw error
        }
    }

    /// Accepts for `route` from now on.
    func serve(_ route: Route) {
        self.route = route
        listener.resume()
    }

    /// What those wait for who are in its queue. `nil`: it accepts, or nobody is there.
    var pause: AcceptPause? { listener.isPaused && listener.hasWaitingClient ? lastPause : nil }

    func mayAccept(by listener: Listener) -> Bool {
        lastPause = worker.takePlace(for: route)
        return lastPause == nil
    }

    func acceptedNone(by listener: Listener) { worker.acceptedNone(for: route) }

    func accepted(_ descriptor: Int32, from client: SocketAddress, by listener: Listener) {
        worker.accepted(descriptor, from: client, for: route)
    }

    func acceptFailed(_ error: SystemError, by listener: Listener) {
        lastPause = .descriptors
        worker.acceptFailed(error, by: listener)
    }
}
