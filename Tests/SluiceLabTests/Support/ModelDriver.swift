@testable import SluiceLab

/// A packet's fate, and when the model told it.
struct Outcome {
    var packet: Packet
    /// Nil for a dropped one.
    var dueAt: Int?
    var queueDelay: Int
    var cause: DropCause?
    /// The clock when it was handed over.
    var toldAt: Int
}

/// Feeds a model as the emulator does, on a simulated clock that jumps from event to event.
struct ModelDriver {
    var model: LinkModel
    var outcomes: [Outcome] = []

    init(_ text: String, _ direction: LinkDirection = .up, start: Int = 0) throws {
        model = LinkModel(
            try DirectionSettings(try LinkSpecification(parsing: text), direction),
            start: start
        )
    }

    /// Arrivals in ascending order of their times; afterwards everything leaves.
    mutating func run(_ arrivals: [(time: Int, bytes: Int)]) {
        for (number, arrival) in arrivals.enumerated() {
            while let deadline = model.nextDeadline, deadline <= arrival.time { collect(at: deadline) }
            model.arrive(
                Packet(handle: Int32(number), bytes: Int32(arrival.bytes), arrivedAt: arrival.time)
            )
            collect(at: arrival.time)
        }
        while let deadline = model.nextDeadline { collect(at: deadline) }
    }

    mutating func collect(at now: Int) {
        while let fate = model.nextFate(by: now) {
            switch fate {
            case .delivered(let packet, let dueAt, let queueDelay):
                outcomes.append(Outcome(packet: packet, dueAt: dueAt, queueDelay: queueDelay, toldAt: now))
            case .dropped(let packet, let cause):
                outcomes.append(Outcome(packet: packet, queueDelay: 0, cause: cause, toldAt: now))
            }
        }
    }

    var delivered: [Outcome] { outcomes.filter { $0.dueAt != nil } }
    func dropped(_ cause: DropCause) -> [Outcome] { outcomes.filter { $0.cause == cause } }
}

let millisecond = 1_000_000
let second = 1_000_000_000

/// `count` packets, one every `interval` nanoseconds.
func steady(_ count: Int, every interval: Int, bytes: Int = 1500, from start: Int = 0) -> [(
    time: Int, bytes: Int
)] {
    (0..<count).map { (start + $0 * interval, bytes) }
}
