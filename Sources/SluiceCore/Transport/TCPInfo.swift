import CSluiceLinux
import SluiceControl

extension LegSample {
    /// Asks the kernel about a TCP socket. `nil` when it is none (a Unix socket), or is gone.
    package init?(descriptor: Int32) {
        var info = csluice_tcp_info()
        let length = csluice_get_tcp_info(descriptor, &info)
        guard length > 0 else { return nil }
        self.init(info, length: Int(length))
    }

    /// Each group of fields, and where its last field ends.
    private static let groupEnds: [(Fields, Int)] = [
        (.basic, end(of: \.total_retrans)),
        (.byteCounts, end(of: \.bytes_received)),
        (.notSent, end(of: \.min_rtt)),
        (.deliveryRate, end(of: \.delivery_rate)),
        (.limits, end(of: \.sndbuf_limited)),
        (.delivered, end(of: \.delivered_ce)),
        (.retransmits, end(of: \.bytes_retrans)),
        (.sendWindow, end(of: \.snd_wnd)),
        (.receiveWindow, end(of: \.rcv_wnd)),
    ]

    private static func end<Field>(of field: KeyPath<csluice_tcp_info, Field>) -> Int {
        MemoryLayout<csluice_tcp_info>.offset(of: field)! + MemoryLayout<Field>.size
    }

    /// Reads as much as the kernel wrote: a field counts only when `length` reaches its end.
    init(_ info: csluice_tcp_info, length: Int) {
        self.init()
        for (group, end) in Self.groupEnds where end <= length { fields.insert(group) }

        rtt = info.rtt
        rttVariance = info.rttvar
        // The kernel says "none yet" with the largest value (tcp_min_rtt, include/net/tcp.h).
        minimumRTT = info.min_rtt == .max ? 0 : info.min_rtt
        receiveRTT = info.rcv_rtt
        receiveWindow = info.rcv_wnd
        segmentsRetransmitted = info.total_retrans
        congestionWindow = info.snd_cwnd
        segmentSize = info.snd_mss
        unacked = info.unacked
        sacked = info.sacked
        notSent = info.notsent_bytes
        sendWindow = info.snd_wnd
        deliveryRate = info.delivery_rate
        segmentsDelivered = info.delivered
        isAppLimited = info.app_limited_flags & 1 == 1
        bytesAcked = info.bytes_acked
        bytesReceived = info.bytes_received
        segmentsOutOfOrder = info.rcv_ooopack
        bytesRetransmitted = info.bytes_retrans
        busy = info.busy_time
        receiverLimited = info.rwnd_limited
        sendBufferLimited = info.sndbuf_limited
    }
}
