/// Which connections of a loop are sampled, and when.
///
/// Only those that moved bytes lately are, or whose kernels still have some to send; an idle one costs nothing. And at most so many a
/// tick, in turn: with more active connections each is sampled less often, and the cost of sampling stays bounded.
///
/// Invariant: `connections[i].samplerIndex == i`. Thread: its loop's.
final class Sampler {
    static let tickMilliseconds: UInt64 = 100
    /// Two TCP_INFO calls each, at about 0.5 µs a call.
    static let samplesPerTick = 512
    /// A connection that was silent for so many samples is left alone until it moves bytes again.
    static let quietSamples: UInt8 = 10
    /// The same while a kernel has unsent bytes: a slow path takes seconds to make room for a write, and an outage is as long. A peer
    /// that is gone, or does not read, must not be looked at for hours.
    static let waitingSamples: UInt8 = 100

    private var connections: [Connection] = []
    private var next = 0

    /// `connection` moved bytes.
    func noteActive(_ connection: Connection) {
        guard connection.samplerIndex < 0 else { return }
        connection.samplerIndex = Int32(connections.count)
        connections.append(connection)
    }

    /// `connection` is over, or idle.
    func remove(_ connection: Connection) {
        let index = Int(connection.samplerIndex)
        guard index >= 0 else { return }
        connection.samplerIndex = -1
        let last = connections.removeLast()
        guard last !== connection else { return }
        connections[index] = last
        last.samplerIndex = Int32(index)
    }

    func tick(now: UInt64) {
        for _ in 0..<min(connections.count, Self.samplesPerTick) {
            guard !connections.isEmpty else { return }
            if next >= connections.count { next = 0 }
            let connection = connections[next]
            connection.sample(at: now)
            if connection.isQuiet {
                // Its place is another's now: that one is next.
                remove(connection)
            } else {
                next += 1
            }
        }
    }
}
