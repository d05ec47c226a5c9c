import Synchronization

/// Clients that connect, have some bytes echoed and checked, and leave, one after the other, until they are stopped.
final class Churn: Sendable {
    private let state: State
    private let clients: [Background<Void>]

    private final class State: Sendable {
        let isStopping = Atomic<Bool>(false)
        let served = Atomic<Int>(0)
    }

    init(to address: Endpoint) {
        let state = State()
        self.state = state
        clients = (0..<3).map { index in
            Background {
                var count = 0
                while !state.isStopping.load(ordering: .relaxed) {
                    let client = try Peer.connect(to: address)
                    let pattern = Pattern(seed: UInt64(index * 1000 + count))
                    try client.send(pattern, 0..<20_000)
                    try client.receive(pattern, 0..<20_000)
                    client.closeWrite()
                    try client.expectEnd()
                    client.close()
                    count += 1
                    state.served.wrappingAdd(1, ordering: .relaxed)
                }
            }
        }
    }

    var servedCount: Int { state.served.load(ordering: .relaxed) }

    /// Returns how many were served; throws if one was not, or got other bytes.
    func stop() throws -> Int {
        state.isStopping.store(true, ordering: .relaxed)
        for client in clients { try client.value() }
        return servedCount
    }
}
