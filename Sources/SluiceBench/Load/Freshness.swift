// Freshness: a source that always has newer data writes the newest whenever the connection takes some. What counts is
// how old it is on arrival: every buffer on the way makes it older.

/// The head of each datum: the source's clock when it was written, and its number.
enum FreshnessFrame {
    static let headerBytes = 16

    static func write(stamp: UInt64, number: UInt64, into frame: UnsafeMutableRawBufferPointer) {
        frame.storeBytes(of: stamp.bigEndian, toByteOffset: 0, as: UInt64.self)
        frame.storeBytes(of: number.bigEndian, toByteOffset: 8, as: UInt64.self)
    }

    static func stamp(of frame: UnsafeMutableRawBufferPointer) -> UInt64 {
        UInt64(bigEndian: frame.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
    }

    /// What lies between a stamp of the peer's clock and now. Clocks that are off make it no less than 0.
    static func age(stamp: UInt64, peerClock: Int64, now: UInt64) -> UInt64 {
        let written = Int64(truncatingIfNeeded: stamp) &+ peerClock
        return UInt64(max(0, Int64(truncatingIfNeeded: now) &- written))
    }
}

struct FreshnessSource {
    let lane: Lane
    let direction: FlowDirection

    func run() {
        let run = lane.run
        lane.socket.setNotSentLowat(run.plan.notSentLowat)
        var pacer = lane.makePacer()
        withUnsafeTemporaryAllocation(byteCount: run.plan.blockBytes, alignment: 16) { frame in
            frame.initializeMemory(as: UInt8.self, repeating: 0x66)
            do throws(ExchangeError) {
                var number: UInt64 = 0
                while !run.isOver {
                    if let due = pacer?.due { BenchClock.sleep(until: min(due, run.end), unless: run.stop) }
                    FreshnessFrame.write(stamp: BenchClock.now, number: number, into: frame)
                    // A frame that has begun is finished: half of one would be no datum.
                    try lane.socket.sendAll(
                        UnsafeRawBufferPointer(frame),
                        until: run.drainEnd,
                        unless: run.abort
                    )
                    lane.count(frame.count)
                    pacer?.sent(frame.count)
                    number += 1
                }
            } catch {
                lane.fail(error)
            }
        }
    }
}

struct FreshnessSink {
    let lane: Lane

    func run() {
        let run = lane.run
        withUnsafeTemporaryAllocation(byteCount: run.plan.blockBytes, alignment: 16) { frame in
            do throws(ExchangeError) {
                // Asked before each datum: while data flows, a read never finds its deadline over.
                while BenchClock.now < run.drainEnd {
                    try lane.socket.receiveAll(into: frame, until: run.drainEnd, unless: run.abort)
                    let stamp = FreshnessFrame.stamp(of: frame)
                    let age = FreshnessFrame.age(stamp: stamp, peerClock: run.peerClock, now: BenchClock.now)
                    run.recorders.record(.age, .whole, age)
                    run.recorders.count(.updates)
                    lane.count(frame.count)
                }
            } catch .closed {
                // The source is done.
            } catch {
                lane.fail(error)
            }
        }
    }
}
