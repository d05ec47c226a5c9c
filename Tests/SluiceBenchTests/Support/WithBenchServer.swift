import Glibc
import SluiceCore
import Testing

@testable import SluiceBench

/// Runs a bench server on a free port during `body`, and ends it.
func withBenchServer<Result>(
    onEvent: @escaping @Sendable (BenchServer.Event) -> Void = { _ in },
    _ body: (Address) throws -> Result
) throws -> Result {
    let server = try BenchServer(listen: .ip("127.0.0.1", port: 0), onEvent: onEvent)
    server.start()
    defer {
        server.stop()
        server.wait()
    }
    return try body(Address(parsing: server.address))
}

/// A plan that is over in a moment.
func shortPlan(_ mode: BenchMode, _ change: (inout BenchPlan) -> Void = { _ in }) -> BenchPlan {
    var plan = BenchPlan(mode: mode, seconds: 0.3)
    plan.interval = 0.1
    change(&plan)
    return plan
}

/// What somebody that is no bench server does with a connection.
enum Stranger {
    static func silent(until done: Gate) -> @Sendable (BenchSocket) -> Void {
        { socket in withExtendedLifetime(socket) { _ = done.wait() } }
    }

    static func answering(_ bytes: [UInt8]) -> @Sendable (BenchSocket) -> Void {
        { socket in
            // Read first: closing with unread bytes would be a reset.
            _ = try? socket.receive(count: Preamble.byteCount, until: .max)
            try? socket.send(bytes, until: .max)
        }
    }

    static let hangingUp = answering([])
}

/// Something that listens and is no bench server: `serve` gets the one connection that it accepts.
func withStranger<Result>(
    _ serve: @escaping @Sendable (BenchSocket) -> Void,
    _ body: (Address) throws -> Result
) throws -> Result {
    let loopback = try #require(SocketAddress(literal: "127.0.0.1", port: 0))
    let listener = try BenchListener(loopback)
    let stop = Gate()
    let thread = BenchThread("stranger") {
        while !stop.isOpen {
            var entry = pollfd(descriptor: listener.descriptor, events: Int16(POLLIN))
            _ = poll(&entry, 1, 50)
            guard let socket = listener.accept() else { continue }
            return serve(socket)
        }
    }
    defer {
        stop.open()
        thread.join()
    }
    return try body(Address(parsing: listener.address.description))
}
