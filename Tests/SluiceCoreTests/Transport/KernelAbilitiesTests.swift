import Glibc
import SluiceControl
import Testing

@testable import SluiceCore

@Suite struct KernelAbilitiesTests {
    /// What is said to be absent is told with a reason, and nothing else is.
    @Test func theActuatorsAreThoseWithoutAnAbsence() {
        let abilities = KernelAbilities.probe()
        for actuator in Actuator.allCases {
            let absence = abilities.absences.first { $0.actuator == actuator }
            #expect(abilities.actuators.contains(ActuatorSet(actuator)) == (absence == nil))
            if let absence { #expect(!absence.reason.isEmpty) }
        }
        #expect(abilities.actuators.isSuperset(of: [.ring, .notSentLowat]))
        #expect(abilities.largestSendBuffer > 0 && abilities.largestReceiveBuffer > 0)
    }

    /// Where nothing can be set, nothing is assumed.
    @Test func withoutATCPSocketOnlyTheRingIsLeft() {
        let abilities = KernelAbilities(probing: -1)
        #expect(abilities.actuators == .ring)
        #expect(abilities.largestSendBuffer == 0 && abilities.congestionControl == nil)
    }

    /// The kernel's own limit, or none with CAP_NET_ADMIN.
    @Test func theLargestBufferIsWhatASocketGets() {
        let abilities = KernelAbilities.probe()
        let pair = DescriptorPair.tcp()
        #expect(SocketOptions.setSendBufferOrWarn(pair.first, bytes: Int(Int32.max / 2)) == 0)
        #expect(SocketOptions.sendBuffer(of: pair.first) == abilities.largestSendBuffer)
    }

    @Test func itIsBornWithTheHostsDefault() {
        let pair = DescriptorPair.tcp()
        #expect(KernelAbilities.probe().congestionControl == CongestionControl.current(of: pair.first))
    }
}
