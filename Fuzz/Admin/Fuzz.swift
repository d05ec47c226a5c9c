import Dispatch
import FlyingFox
import Foundation
import Logging

@testable import SluiceAdmin
@testable import SluiceCore

/// A request to the admin server, as far as Sluice reads it itself: the lines of the input are the method, the path, and the
/// names and values of the query, in turn. (The bytes of HTTP are FlyingFox's.)
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.count >= 2 else { return 0 }
    let query = stride(from: 2, to: lines.count - 1, by: 2).map {
        HTTPRequest.QueryItem(name: lines[$0], value: lines[$0 + 1])
    }
    let request = HTTPRequest(
        method: HTTPMethod(lines[0]),
        version: .http11,
        path: lines[1],
        query: query,
        headers: [:],
        body: .init()
    )
    let done = DispatchSemaphore(value: 0)
    Task.detached {
        let response = try? await endpoints.handleRequest(request)
        precondition(response.map { (200..<600).contains($0.statusCode.code) } == true, "no answer")
        done.signal()
    }
    done.wait()
    return 0
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
    let logger = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
    guard let proxy = try? Proxy(configuration, logger: logger, logWriter: LogWriter(descriptor: 2)) else {
        fatalError("no proxy")
    }
    return AdminEndpoints(proxy: proxy)
}()
