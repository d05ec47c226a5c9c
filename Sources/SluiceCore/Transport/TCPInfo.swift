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

    /// Reads as much as the kernel wrote: a field counts only when `length` reaches its end.
    init(_ info: csluice_tcp_info, length: Int) {
        self.init()
        func reaches<Field>(_ field: KeyPath<csluice_tcp_info, Field>) -> Bool {
            MemoryLayout<csluice_tcp_info>.offset(of: field)! + MemoryLayout<Field>.size <= length
        }
        if reaches(\.total_retrans) { fields.insert(.basic) }
        if reaches(\.bytes_received) { fields.insert(.byteCounts) }
        if reaches(\.min_rtt) { fields.insert(.notSent) }
        if reaches(\.delivery_rate) { fields.insert(.deliveryRate) }
        if reaches(\.sndbuf_limited) { fields.insert(.limits) }
        if reaches(\.bytes_retrans) { fields.insert(.retransmits) }
        if reaches(\.snd_wnd) { fields.insert(.sendWindow) }

        rtt = info.rtt
        rttVariance = info.rttvar
        minimumRTT = info.min_rtt
        segmentsRetransmitted = info.total_retrans
        congestionWindow = info.snd_cwnd
        segmentSize = info.snd_mss
        unacked = info.unacked
        notSent = info.notsent_bytes
        sendWindow = info.snd_wnd
        deliveryRate = info.delivery_rate
        isAppLimited = info.app_limited_flags & 1 == 1
        bytesAcked = info.bytes_acked
        bytesReceived = info.bytes_received
        bytesRetransmitted = info.bytes_retrans
        busy = info.busy_time
        receiverLimited = info.rwnd_limited
        sendBufferLimited = info.sndbuf_limited
    }
}
