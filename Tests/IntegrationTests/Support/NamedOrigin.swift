/// An origin that says its name, one letter, to whoever comes, and keeps the connection open.
final class NamedOrigin: Sendable {
    let endpoint: Endpoint
    private let listener: Listener

    init(_ name: String, port: UInt16 = 0) throws {
        listener = try Listener(port: port)
        endpoint = listener.endpoint
        listener.serve { peer in
            // A client that is gone already wants no name.
            try? peer.send(name)
            while try !peer.receive().isEmpty {}
            peer.close()
        }
    }

    deinit { listener.close() }
}
