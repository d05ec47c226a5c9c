import Glibc

/// Newcomers that have not said yet who they are: waits for their preambles, all of them on one thread.
///
/// A peer that stays silent costs a descriptor for a few seconds, and nobody else's time.
struct Door {
    private struct Newcomer {
        let socket: BenchSocket
        let deadline: UInt64
        var bytes: [UInt8] = []
    }

    private let listener: BenchListener
    private var newcomers: [Newcomer] = []

    private static let patience = 10 * BenchClock.second
    private static let maximumNewcomers = 4096

    init(_ listener: BenchListener) { self.listener = listener }

    /// Waits a tick at most. Returns those whose preamble has come; closes those that never will have one.
    mutating func wait() -> [(socket: BenchSocket, preamble: Preamble)] {
        let isOpen = newcomers.count < Self.maximumNewcomers
        var entries = newcomers.map { pollfd(descriptor: $0.socket.descriptor, events: Int16(POLLIN)) }
        entries.append(pollfd(descriptor: isOpen ? listener.descriptor : -1, events: Int16(POLLIN)))
        guard poll(&entries, nfds_t(entries.count), 100) >= 0 else { return [] }
        var arrived: [(socket: BenchSocket, preamble: Preamble)] = []
        var waiting: [Newcomer] = []
        let now = BenchClock.now
        for (entry, newcomer) in zip(entries, newcomers) {
            var newcomer = newcomer
            switch entry.revents == 0 ? .incomplete : Self.read(&newcomer) {
            case .complete(let preamble): arrived.append((newcomer.socket, preamble))
            case .incomplete where now < newcomer.deadline: waiting.append(newcomer)
            case .incomplete, .stranger: continue
            }
        }
        newcomers = waiting
        if entries.last?.revents != 0 { accept(now) }
        return arrived
    }

    private enum Reading {
        case complete(Preamble)
        case incomplete
        case stranger
    }

    private mutating func accept(_ now: UInt64) {
        while newcomers.count < Self.maximumNewcomers, let socket = listener.accept() {
            newcomers.append(Newcomer(socket: socket, deadline: now + Self.patience))
        }
    }

    private static func read(_ newcomer: inout Newcomer) -> Reading {
        var chunk = [UInt8](repeating: 0, count: Preamble.byteCount - newcomer.bytes.count)
        let transfer = chunk.withUnsafeMutableBytes { newcomer.socket.receive(into: $0) }
        switch transfer {
        case .bytes(let count): newcomer.bytes += chunk.prefix(count)
        case .tick: return .incomplete
        case .endOfFile, .failed: return .stranger
        }
        guard Preamble.canStart(with: newcomer.bytes) else { return .stranger }
        guard newcomer.bytes.count == Preamble.byteCount else { return .incomplete }
        return Preamble(newcomer.bytes).map { .complete($0) } ?? .stranger
    }
}
