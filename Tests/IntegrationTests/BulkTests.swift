import Foundation
import Testing

@Suite struct BulkTests {
    /// 1 GiB each way unless `SLUICE_TEST_BULK_BYTES` says otherwise.
    private static let byteCount =
        ProcessInfo.processInfo.environment["SLUICE_TEST_BULK_BYTES"].flatMap(Int.init) ?? 1 << 30

    @Test func `a long transfer to the client`() throws {
        try transfer { client, server in (server, client) }
    }

    @Test func `a long transfer to the origin`() throws {
        try transfer { client, server in (client, server) }
    }

    private func transfer(_ roles: (Peer, Peer) -> (sender: Peer, receiver: Peer)) throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint) { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let (sender, receiver) = roles(client, try origin.accept())
            let pattern = Pattern(seed: 5)
            let sending = Background {
                try sender.send(pattern, 0..<Self.byteCount)
                sender.close()
            }
            try receiver.receive(pattern, 0..<Self.byteCount)
            try receiver.expectEnd()
            receiver.close()
            try sending.value()
            try sluice.expectClosed("completed")
        }
    }
}
