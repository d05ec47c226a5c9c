// TCP_NODELAY for FlyingFox's sockets, which offers no hook for socket options of its own.

import FlyingSocks
import Glibc

/// A socket pool that switches Nagle's algorithm off and leaves all else to its base.
///
/// Without it a token of a few bytes waits for the acknowledgement of the one before, which Linux delays by
/// up to 40 ms: tokens would arrive in clumps. The first socket that a server waits on is its listener, and
/// on Linux accepted sockets inherit the option. A connection that was accepted before that gets it with its
/// own first wait for a request.
struct NoDelayPool<Base: AsyncSocketPool>: AsyncSocketPool {
    let base: Base

    func prepare() async throws {
        try await base.prepare()
    }

    func run() async throws {
        try await base.run()
    }

    func suspendSocket(_ socket: Socket, untilReadyFor events: Socket.Events) async throws {
        if events.contains(.read) {
            // Best effort: tokens still arrive without it, only later.
            try? socket.setValue(true, for: BoolSocketOption(level: Int32(IPPROTO_TCP), name: TCP_NODELAY))
        }
        try await base.suspendSocket(socket, untilReadyFor: events)
    }
}
