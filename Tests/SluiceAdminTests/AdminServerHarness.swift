import Foundation
import Logging
import SluiceAdmin
import SluiceCore

/// Runs a server on a fake proxy for the length of `body`.
func withAdminServer(
    listen: Address = .ip("127.0.0.1", port: 0),
    proxy: FakeProxy = FakeProxy(),
    actions: FakeActions = FakeActions(),
    authority: AdminAuthority = .readOnly,
    idleTimeout: Duration = .seconds(60),
    _ body: (ListenAddress) async throws -> Void
) async throws {
    let server = makeServer(
        listen: listen,
        proxy: proxy,
        actions: actions,
        authority: authority,
        idleTimeout: idleTimeout
    )
    let bound = try await server.start()
    do {
        try await body(bound)
    } catch {
        await server.stop()
        throw error
    }
    await server.stop()
}

func makeServer(
    listen: Address,
    proxy: FakeProxy = FakeProxy(),
    actions: FakeActions = FakeActions(),
    authority: AdminAuthority = .readOnly,
    idleTimeout: Duration = .seconds(60)
) -> AdminServer {
    AdminServer(
        inspection: proxy,
        actions: actions,
        authority: authority,
        listen: ListenAddress(listen),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        idleTimeout: idleTimeout,
        retryDelay: .milliseconds(1)
    )
}

/// A path for a Unix socket that nothing has yet: short, as sockaddr_un asks.
func freshSocketPath() -> String {
    "\(FileManager.default.temporaryDirectory.path)/sluice-\(UUID().uuidString.prefix(8)).sock"
}
