import SluiceControl

/// What TCP_INFO says of each end.
extension SimulatedConnection {
    /// The sending socket's.
    func senderSample(at now: Double) -> LegSample {
        settleLimit(at: now)
        var sample = LegSample()
        sample.fields = .all
        sample.rtt = Self.microseconds(smoothed)
        sample.rttVariance = Self.microseconds(variation)
        sample.minimumRTT = Self.microseconds(lowestDelay)
        sample.congestionWindow = UInt32(sending.window)
        sample.segmentSize = UInt32(Self.segment)
        sample.unacked = UInt32((next - acknowledged + Self.segment - 1) / Self.segment)
        sample.notSent = UInt32(unsent)
        sample.sendWindow = UInt32(max(edge - acknowledged, 0))
        if rate.interval > 0 { sample.deliveryRate = UInt64(Double(rate.bytes) / rate.interval) }
        sample.isAppLimited = rate.isAppLimited
        sample.bytesAcked = UInt64(acknowledged)
        sample.segmentsDelivered = UInt32(truncatingIfNeeded: delivered / SimulatedLink.segment)
        sample.sacked = UInt32(truncatingIfNeeded: max(delivered - acknowledged, 0) / SimulatedLink.segment)
        sample.bytesRetransmitted = UInt64(retransmitted)
        sample.segmentsRetransmitted = UInt32(retransmittedSegments)
        sample.busy = UInt64(limitTimes.busy * 1e6)
        sample.receiverLimited = UInt64(limitTimes.receiver * 1e6)
        sample.sendBufferLimited = UInt64(limitTimes.sendBuffer * 1e6)
        return sample
    }

    /// The receiving socket's. It has sent nothing but the handshake, whose round trip is the only one that it knows as a sender.
    func receiverSample(at now: Double) -> LegSample {
        var sample = LegSample()
        sample.fields = .all
        sample.rtt = Self.microseconds(handshakeDelay)
        sample.rttVariance = Self.microseconds(handshakeDelay / 2)
        sample.minimumRTT = Self.microseconds(handshakeDelay)
        sample.receiveRTT = UInt32(receiver.roundTrip * 1e6)
        sample.receiveWindow = UInt32(receiver.window)
        sample.congestionWindow = 10
        sample.segmentSize = UInt32(Self.segment)
        sample.bytesReceived = UInt64(receiver.inOrder)
        sample.segmentsOutOfOrder = UInt32(truncatingIfNeeded: receiver.outOfOrder)
        return sample
    }

    private static func microseconds(_ seconds: Double) -> UInt32 { UInt32(min(seconds * 1e6, 4e9)) }
}
