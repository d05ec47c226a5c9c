import Dispatch
import FlyingFox
import Foundation
import Logging

@testable import SluiceAdmin
@testable import SluiceCore

/// A request to an admin server that is open for writing: a head, an empty line, and a body.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    // By scalars: to Swift, a carriage return and a newline are one character.
    let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let headLines = lines.prefix { !$0.isEmpty && $0 != "\r" }
    guard let head = try? AdminRequestHead(parsing: headLines.joined(separator: "\n")) else { return 0 }
    precondition(head.path.hasPrefix("/"), "a path begins with a slash")
    precondition((0...AdminRequestReader.bodyBytes).contains(head.bodyLength), "a body is bounded")
    let body = lines.dropFirst(headLines.count + 1).joined(separator: "\n")
    respond(
        to: HTTPRequest(
            method: head.method,
            version: head.version,
            path: head.path,
            query: head.query,
            headers: head.headers,
            body: Data(body.utf8.prefix(head.bodyLength))
        )
    )
    return 0
}

private func respond(to request: HTTPRequest) {
    let done = DispatchSemaphore(value: 0)
    Task.detached {
        let response = await endpoints.respond(to: request)
        let code = response.statusCode.code
        precondition((200..<600).contains(code) && code != 500, "the answer is \(code)")
        done.signal()
    }
    done.wait()
}

/// A proxy that was made and not started: it has a route, and no connection.
private let endpoints: AdminEndpoints = {
    let origin = OriginAddress(.ip("127.0.0.1", port: 1))
    let route = RouteConfiguration(
        name: "db",
        listen: [ListenAddress(.ip("127.0.0.1", port: 0))],
        origin: origin
    )
    var configuration = Configuration(routes: [route])
    configuration.workers = 1
    var admin = AdminConfiguration()
    admin.allowsWriting = true
    let logger = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
    guard let proxy = try? Proxy(configuration, logger: logger, logWriter: LogWriter(descriptor: 2)),
        let authority = try? AdminAuthority(admin)
    else {
        fatalError("no proxy")
    }
    return AdminEndpoints(proxy: proxy, actions: NoActions(), authority: authority, logger: logger)
}()

/// What would be done to the proxy is not done.
private struct NoActions: AdminActions {
    var logLevel: LogConfiguration.Level { .info }
    func reload() async -> ReloadAnswer { .refused("not here") }
    func setLogLevel(_ level: LogConfiguration.Level) {}
    func closeConnections(_ filter: ConnectionFilter) async -> Int { 0 }
    func setDrained(_ isDrained: Bool, origin: String, ofRoute route: String) -> Bool { false }
}
