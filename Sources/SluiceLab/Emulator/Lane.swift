import Glibc

/// One direction at work: reads packets from the sending host's device, and writes them to the receiving host's when the
/// model says so. Used by the emulator's thread alone; it does not own the devices.
struct Lane {
    private let source: Int32
    private let destination: Int32
    private var model: LinkModel
    private var recorder: DirectionRecorder

    /// So many packets are read at once. Reading is cheap, about 1 µs each, and a packet's time is that of its reading.
    private static let receiveBatch = 128
    /// So many are written before others are read. Each takes about 5 µs, as the receiving host's kernel works on it at once.
    private static let deliverBatch = 16

    init(source: Int32, destination: Int32, settings: DirectionSettings, start: Int) {
        self.source = source
        self.destination = destination
        model = LinkModel(settings, start: start)
        recorder = DirectionRecorder(start: start)
    }

    /// What one call did. Cut short: there may be more to do at once.
    struct Batch {
        var packets = 0
        var isCutShort = false

        static func + (one: Batch, other: Batch) -> Batch {
            Batch(packets: one.packets + other.packets, isCutShort: one.isCutShort || other.isCutShort)
        }
    }

    /// When to call `deliver` next; nil when nothing is on its way.
    var nextDeadline: Int? { model.nextDeadline }

    /// Takes what the sending host has sent.
    mutating func receive(_ pool: PacketPool) -> Batch {
        for index in 0..<Self.receiveBatch {
            guard let slot = pool.take() else {
                return Batch(packets: index + discardOne(), isCutShort: true)
            }
            let count = read(source, pool.address(of: slot), PacketPool.slotBytes)
            guard count > 0 else {
                pool.giveBack(slot)
                return Batch(packets: index, isCutShort: false)
            }
            model.arrive(Packet(handle: slot, bytes: Int32(count), arrivedAt: monotonicNanoseconds()))
            recorder.arrived(bytes: count, queuedBytes: model.waitingBytes)
        }
        return Batch(packets: Self.receiveBatch, isCutShort: true)
    }

    /// Hands over what is due.
    mutating func deliver(_ pool: PacketPool) -> Batch {
        var now = monotonicNanoseconds()
        recorder.roll(to: now)
        for index in 0..<Self.deliverBatch {
            guard let fate = model.nextFate(by: now) else { return Batch(packets: index, isCutShort: false) }
            switch fate {
            case .dropped(let packet, let cause):
                recorder.dropped(cause)
                pool.giveBack(packet.handle)
            case .delivered(let packet, let dueAt, let queueDelay):
                let bytes = Int(packet.bytes)
                let written = write(destination, pool.address(of: packet.handle), bytes)
                pool.giveBack(packet.handle)
                if written == bytes {
                    recorder.delivered(bytes: bytes, queueDelay: queueDelay, lateness: now - dueAt)
                } else {
                    recorder.dropped(.emulator)
                }
                // The kernel does the receiving host's work within write(2): time has passed.
                now = monotonicNanoseconds()
            }
        }
        return Batch(packets: Self.deliverBatch, isCutShort: true)
    }

    mutating func restartClock() {
        let now = monotonicNanoseconds()
        model.restartClock(at: now)
        recorder = DirectionRecorder(start: now)
    }

    func report() -> DirectionReport { recorder.report(at: monotonicNanoseconds()) }

    /// No slot is free: a packet is read and thrown away, or the device would report it for ever.
    private mutating func discardOne() -> Int {
        var byte: UInt8 = 0
        guard read(source, &byte, 1) > 0 else { return 0 }
        recorder.dropped(.emulator)
        return 1
    }
}
