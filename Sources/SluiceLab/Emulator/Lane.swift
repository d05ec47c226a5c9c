import Glibc

/// One direction at work: reads packets from the sending host's device, and writes them to the receiving host's when the
/// model says so. Used by the emulator's thread alone; it does not own the devices.
struct Lane {
    private let source: Int32
    private let destination: Int32
    private var model: LinkModel
    private var recorder: DirectionRecorder

    /// So many packets are read before others are written: about 0.1 ms of work.
    private static let batch = 32

    init(source: Int32, destination: Int32, settings: DirectionSettings, start: Int) {
        self.source = source
        self.destination = destination
        model = LinkModel(settings, start: start)
        recorder = DirectionRecorder(start: start)
    }

    /// When to call `deliver` next; nil when nothing is on its way.
    var nextDeadline: Int? { model.nextDeadline }

    /// Takes what the sending host has sent. Returns how many packets.
    mutating func receive(_ pool: PacketPool) -> Int {
        for index in 0..<Self.batch {
            guard let slot = pool.take() else { return index + discardOne() }
            let count = read(source, pool.address(of: slot), PacketPool.slotBytes)
            guard count > 0 else {
                pool.giveBack(slot)
                return index
            }
            model.arrive(Packet(handle: slot, bytes: Int32(count), arrivedAt: monotonicNanoseconds()))
            recorder.arrived(bytes: count, queuedBytes: model.waitingBytes)
        }
        return Self.batch
    }

    /// Hands over what is due. Returns how many packets.
    mutating func deliver(_ pool: PacketPool) -> Int {
        var count = 0
        var now = monotonicNanoseconds()
        recorder.roll(to: now)
        while let fate = model.nextFate(by: now) {
            count += 1
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
        return count
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
