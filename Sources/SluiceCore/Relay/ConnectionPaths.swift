import SluiceControl

/// One connection's places on the paths to its peers. Thread: its loop's.
struct ConnectionPaths {
    private var client: PeerPath?
    private var origin: PeerPath?

    subscript(leg: Leg) -> PeerPath? { leg == .client ? client : origin }

    mutating func join(client: SocketAddress, origin: SocketAddress?, in paths: PeerPaths) {
        self.client = paths.join(client)
        self.origin = origin.flatMap(paths.join)
    }

    /// Both directions' places become the others'. Does nothing the second time.
    mutating func leave(_ upstream: HalfRelay, _ downstream: HalfRelay, in paths: PeerPaths) {
        leave(client, sinkOf: downstream, sourceOf: upstream, in: paths)
        leave(origin, sinkOf: upstream, sourceOf: downstream, in: paths)
        client = nil
        origin = nil
    }

    private func leave(
        _ path: PeerPath?,
        sinkOf sender: HalfRelay,
        sourceOf receiver: HalfRelay,
        in paths: PeerPaths
    ) {
        guard let path else { return }
        path.towards.withLock { sender.controller.leave(sink: &$0) }
        path.from.withLock { receiver.controller.leave(source: &$0) }
        paths.leave(path)
    }
}
