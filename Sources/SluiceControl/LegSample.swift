/// What the kernel said about one TCP socket at one instant (`TCP_INFO`, include/uapi/linux/tcp.h).
///
/// Counters run from the socket's birth. `fields` says what this kernel returned: everything else is zero.
public struct LegSample: Sendable, Hashable {
    /// Groups of fields by the kernel that first returned them.
    public struct Fields: OptionSet, Sendable, Hashable {
        public let rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }
        /// rtt, rttVariance, receiveRTT, congestionWindow, segmentSize, unacked, sacked, segmentsRetransmitted: every
        /// kernel.
        public static let basic = Fields(rawValue: 1 << 0)
        /// bytesAcked, bytesReceived: Linux 4.2.
        public static let byteCounts = Fields(rawValue: 1 << 1)
        /// notSent, minimumRTT: Linux 4.6.
        public static let notSent = Fields(rawValue: 1 << 2)
        /// deliveryRate, isAppLimited: Linux 4.9.
        public static let deliveryRate = Fields(rawValue: 1 << 3)
        /// busy, receiverLimited, sendBufferLimited: Linux 4.10.
        public static let limits = Fields(rawValue: 1 << 4)
        /// bytesRetransmitted: Linux 4.19.
        public static let retransmits = Fields(rawValue: 1 << 5)
        /// sendWindow, segmentsOutOfOrder: Linux 5.4.
        public static let sendWindow = Fields(rawValue: 1 << 6)
        /// receiveWindow: Linux 6.2.
        public static let receiveWindow = Fields(rawValue: 1 << 7)
        /// segmentsDelivered: Linux 4.18.
        public static let delivered = Fields(rawValue: 1 << 8)
        public static let all: Fields = [
            .basic, .byteCounts, .notSent, .deliveryRate, .limits, .delivered, .retransmits, .sendWindow,
            .receiveWindow,
        ]
    }

    public var fields: Fields = []
    /// Smoothed round-trip time, microseconds (RFC 6298).
    public var rtt: UInt32 = 0
    /// Mean deviation of the round-trip time, microseconds.
    public var rttVariance: UInt32 = 0
    /// The kernel's minimum over 300 s, microseconds: too stale to act on, good to start from. 0 until measured.
    public var minimumRTT: UInt32 = 0
    /// Round-trip time as the receiving side sees it, microseconds (`tcpi_rcv_rtt`); 0 until bytes came in
    /// for a round trip.
    public var receiveRTT: UInt32 = 0
    /// The window that this socket advertises, bytes.
    public var receiveWindow: UInt32 = 0
    /// Congestion window, segments.
    public var congestionWindow: UInt32 = 0
    /// Sender's maximum segment size, bytes.
    public var segmentSize: UInt32 = 0
    /// Segments in flight.
    public var unacked: UInt32 = 0
    /// Of the segments in flight, those that have arrived after a gap (`tcpi_sacked`).
    public var sacked: UInt32 = 0
    /// Bytes written and not yet sent for the first time.
    public var notSent: UInt32 = 0
    /// The peer's advertised window, bytes.
    public var sendWindow: UInt32 = 0
    /// The newest delivery-rate sample, bytes per second.
    public var deliveryRate: UInt64 = 0
    /// Whether that sample was taken while the application had nothing to send.
    public var isAppLimited = false
    /// Segments that have arrived, also those after a gap (`tcpi_delivered`): while a loss is repaired, nothing else tells what
    /// the path carries.
    public var segmentsDelivered: UInt32 = 0
    public var bytesAcked: UInt64 = 0
    public var bytesReceived: UInt64 = 0
    /// Segments that came after a gap (`tcpi_rcv_ooopack`).
    public var segmentsOutOfOrder: UInt32 = 0
    public var bytesRetransmitted: UInt64 = 0
    /// Segments sent again, as iperf3 and ss(8) count them.
    public var segmentsRetransmitted: UInt32 = 0
    /// Microseconds with data outstanding.
    public var busy: UInt64 = 0
    /// Microseconds of `busy` in which the peer's window was the limit.
    public var receiverLimited: UInt64 = 0
    /// Microseconds of `busy` in which the send buffer was the limit.
    public var sendBufferLimited: UInt64 = 0

    public init() {}

    /// Congestion window, bytes.
    public var congestionWindowBytes: Double { Double(congestionWindow) * Double(segmentSize) }

    /// Mean size of the segments that have arrived in order, bytes: those behind a gap are not in `bytesAcked` yet.
    var meanSegment: Double {
        let inOrder = segmentsDelivered > sacked ? segmentsDelivered - sacked : 1
        return min(Double(bytesAcked) / Double(inOrder), Double(segmentSize))
    }

    /// Bytes that leave together: what the rate delivers in a millisecond, and more on a short path, where the kernel saves work that
    /// it thinks costs nothing; at most half of the congestion window (tcp_tso_autosize, tcp_cwnd_test, net/ipv4/tcp_output.c;
    /// the path's part since Linux 5.18).
    public var burstBytes: Double {
        let octaves = minimumRTT >> 9
        let shortPath = minimumRTT > 0 && octaves < 32 ? Double(Self.mostBurst >> octaves) : 0
        let wished = min(Double(deliveryRate) / 1024 + shortPath, Double(Self.mostBurst))
        let segment = Double(segmentSize)
        return max(min(wished, Double(congestionWindow / 2) * segment), 2 * segment)
    }

    /// `sk_gso_max_size`.
    private static let mostBurst: UInt32 = 65_536

    /// Whether the window that this socket advertises has come down to `bytes`: its right edge is never pulled back, so that takes as
    /// long as the rest takes to arrive. It is advertised in steps of its scale, and may stay a little above. True before Linux 6.2,
    /// which does not tell.
    public func hasShrunk(to bytes: Int) -> Bool {
        !fields.contains(.receiveWindow) || Int(receiveWindow) <= bytes + bytes / 4 + 4096
    }
}
