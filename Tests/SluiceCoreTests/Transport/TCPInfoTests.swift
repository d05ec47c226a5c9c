import CSluiceLinux
import Glibc
import SluiceControl
import Testing

@testable import SluiceCore

@Suite struct TCPInfoTests {
    /// Where each group ends in the kernel's struct (include/uapi/linux/tcp.h), counted by hand.
    private let ends: [(bytes: Int, field: LegSample.Fields)] = [
        (104, .basic), (136, .byteCounts), (152, .notSent), (168, .deliveryRate), (192, .limits),
        (200, .delivered),
        (216, .retransmits), (232, .sendWindow), (236, .receiveWindow),
    ]

    @Test func aGroupCountsOnceTheLengthReachesItsEnd() {
        let info = csluice_tcp_info()
        for length in 0...MemoryLayout<csluice_tcp_info>.size {
            let expected = ends.filter { $0.bytes <= length }.reduce(into: LegSample.Fields()) {
                $0.insert($1.field)
            }
            #expect(LegSample(info, length: length).fields == expected, "length \(length)")
        }
    }

    @Test func everyFieldIsTakenFromItsPlace() {
        var info = csluice_tcp_info()
        info.rtt = 1
        info.rttvar = 2
        info.min_rtt = 3
        info.snd_cwnd = 4
        info.snd_mss = 5
        info.unacked = 6
        info.sacked = 19
        info.notsent_bytes = 7
        info.snd_wnd = 8
        info.delivery_rate = 9
        info.app_limited_flags = 0b101
        info.bytes_acked = 10
        info.bytes_received = 11
        info.bytes_retrans = 12
        info.busy_time = 13
        info.rwnd_limited = 14
        info.sndbuf_limited = 15
        info.rcv_rtt = 16
        info.rcv_wnd = 17
        info.total_retrans = 18
        let sample = LegSample(info, length: MemoryLayout<csluice_tcp_info>.size)
        #expect(sample.fields == .all)
        #expect([sample.rtt, sample.rttVariance, sample.minimumRTT] == [1, 2, 3])
        #expect([sample.congestionWindow, sample.segmentSize, sample.unacked] == [4, 5, 6])
        #expect(sample.sacked == 19)
        #expect([sample.notSent, sample.sendWindow] == [7, 8])
        #expect(sample.deliveryRate == 9 && sample.isAppLimited)
        #expect([sample.bytesAcked, sample.bytesReceived, sample.bytesRetransmitted] == [10, 11, 12])
        #expect([sample.busy, sample.receiverLimited, sample.sendBufferLimited] == [13, 14, 15])
        #expect([sample.receiveRTT, sample.receiveWindow, sample.segmentsRetransmitted] == [16, 17, 18])
        // TFO's bits stand beside the flag.
        info.app_limited_flags = 0b110
        #expect(!LegSample(info, length: 232).isAppLimited)
    }

    @Test func aTCPSocketHasASample() throws {
        let pair = DescriptorPair.tcp()
        let bytes = [UInt8](repeating: 7, count: 1000)
        #expect(send(pair.first, bytes, bytes.count, 0) == bytes.count)
        var received = [UInt8](repeating: 0, count: 1000)
        #expect(recv(pair.second, &received, received.count, Int32(MSG_WAITALL)) == 1000)
        let sample = try #require(LegSample(descriptor: pair.second))
        #expect(sample.fields.contains(.basic))
        #expect(sample.segmentSize > 0)
        if sample.fields.contains(.byteCounts) { #expect(sample.bytesReceived == 1000) }
    }

    @Test func aUnixSocketAndAClosedOneHaveNone() {
        let pair = DescriptorPair.sockets()
        #expect(LegSample(descriptor: pair.first) == nil)
        #expect(LegSample(descriptor: -1) == nil)
    }
}
