// What the model knows of a packet, and what becomes of it. All times are nanoseconds on the clock of whoever feeds the
// model; it has none of its own.

/// A packet as the model sees it: not its bytes.
struct Packet: Equatable, Sendable {
    /// Whatever the caller knows it by.
    var handle: Int32
    /// Of the IP packet, with its headers.
    var bytes: Int32
    var arrivedAt: Int
}

/// What became of a packet.
enum PacketFate: Equatable, Sendable {
    /// It has crossed the link. It was due at `dueAt`, after `queueDelay` in the queue.
    case delivered(Packet, dueAt: Int, queueDelay: Int)
    case dropped(Packet, DropCause)
}

/// Why a packet did not arrive.
public enum DropCause: String, Sendable, Hashable, CaseIterable, Codable {
    /// The queue had no room for it.
    case queueFull
    /// CoDel dropped it, as its queue had stood too long.
    case coDel
    /// Lost on the wire, as the link's loss wants it.
    case loss
    /// The emulator itself had no room or could not write: no part of the link. A run with such drops is not valid.
    case emulator
}
