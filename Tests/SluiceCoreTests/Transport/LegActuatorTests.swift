import Glibc
import SluiceControl
import Testing

@testable import SluiceCore

/// Against the running kernel: these options do what their manual pages do not say.
@Suite(.timeLimit(.minutes(1))) struct LegActuatorTests {
    private let abilities = KernelAbilities.probe()
    private let pair = DescriptorPair.tcp()
    private var socket: Int32 { pair.first }

    private func option(_ level: some BinaryInteger, _ name: Int32) -> Int32 {
        SocketOptions.get(socket, level, name)
    }

    private var locks: Int32 { option(SOL_SOCKET, 72) }

    @Test func nothingIsSetTwice() {
        var leg = LegActuator()
        #expect(leg.setNotSentLowat(nil, on: socket) == .unchanged)
        #expect(leg.setNotSentLowat(65536, on: socket) == .changed)
        #expect(option(IPPROTO_TCP, TCP_NOTSENT_LOWAT) == 65536 && leg.used == .notSentLowat)
        #expect(leg.setNotSentLowat(65536, on: socket) == .unchanged)
        #expect(leg.setNotSentLowat(nil, on: socket) == .changed)
        #expect(option(IPPROTO_TCP, TCP_NOTSENT_LOWAT) == 0)
    }

    @Test func aRefusalIsToldOnceAWish() {
        var leg = LegActuator()
        #expect(leg.setNotSentLowat(65536, on: -1) == .refused)
        #expect(leg.setNotSentLowat(65536, on: -1) == .unchanged)
    }

    @Test(.enabled(if: KernelAbilities.probe().actuators.contains(.pacing)))
    func aPacingRateIsSetAndTakenAway() {
        var leg = LegActuator()
        #expect(leg.setPacingRate(nil, on: socket) == .unchanged)
        #expect(leg.setPacingRate(1_000_000, on: socket) == .changed)
        #expect(option(SOL_SOCKET, SO_MAX_PACING_RATE) == 1_000_000)
        // More than 32 bits hold is no limit for any link.
        #expect(leg.setPacingRate(.max - 1, on: socket) == .changed)
        #expect(UInt32(bitPattern: option(SOL_SOCKET, SO_MAX_PACING_RATE)) == .max)
        #expect(leg.setPacingRate(nil, on: socket) == .unchanged)
        // 0 would stop the kernel from sending at all.
        #expect(leg.setPacingRate(0, on: socket) == .changed)
        #expect(option(SOL_SOCKET, SO_MAX_PACING_RATE) == 1)
    }

    @Test(.enabled(if: KernelAbilities.probe().actuators.contains(.sendBuffer)))
    func aRaisedSendBufferIsHeldUntilItIsGivenBack() {
        var leg = LegActuator()
        let before = SocketOptions.sendBuffer(of: socket)
        let wanted = min(before + (1 << 20), abilities.largestSendBuffer)
        #expect(leg.setSendBuffer(wanted, on: socket, abilities: abilities) == .changed)
        #expect(SocketOptions.sendBuffer(of: socket) == wanted & ~1)
        #expect(locks == 1)
        #expect(leg.setSendBuffer(wanted, on: socket, abilities: abilities) == .unchanged)
        #expect(leg.setSendBuffer(nil, on: socket, abilities: abilities) == .changed)
        #expect(locks == 0)
    }

    @Test(.enabled(if: KernelAbilities.probe().actuators.contains(.sendBuffer)))
    func aCapIsHeldUntilItIsGivenBack() {
        var leg = LegActuator()
        let cap = SocketOptions.sendBuffer(of: socket) / 4 & ~1
        #expect(leg.setSendBuffer(cap, on: socket, abilities: abilities) == .changed)
        #expect(SocketOptions.sendBuffer(of: socket) == cap && locks == 1)
        // A cap that is raised is a cap.
        #expect(leg.setSendBuffer(cap * 2, on: socket, abilities: abilities) == .changed)
        #expect(SocketOptions.sendBuffer(of: socket) == cap * 2 && locks == 1)
        #expect(leg.setSendBuffer(nil, on: socket, abilities: abilities) == .changed)
        #expect(SocketOptions.sendBuffer(of: socket) == cap * 2 && locks == 0)
    }

    /// Without CAP_NET_ADMIN the most that can be set may be less than the autotuning gave.
    @Test func aRaiseNeverShrinks() {
        let bounded = KernelAbilities(actuators: .all, largestSendBuffer: 8192, largestReceiveBuffer: 8192)
        var leg = LegActuator()
        let before = SocketOptions.sendBuffer(of: socket)
        #expect(leg.setSendBuffer(before * 2, on: socket, abilities: bounded) == .unchanged)
        #expect(SocketOptions.sendBuffer(of: socket) == before)
        // The same for a window: the kernel's own is larger.
        #expect(leg.setSourceWindow(1 << 20, on: socket, abilities: bounded) == .unchanged)
    }

    @Test(.enabled(if: KernelAbilities.probe().actuators.contains(.sendBuffer)))
    func aBoundedSendBufferIsNotGivenBack() {
        var leg = LegActuator()
        let ceiling = SocketOptions.sendBuffer(of: socket) / 2 & ~1
        #expect(leg.boundSendBuffer(at: Int(Int32.max), on: socket) == .unchanged && locks == 0)
        #expect(leg.boundSendBuffer(at: ceiling, on: socket) == .changed)
        #expect(leg.boundSendBuffer(at: ceiling, on: socket) == .unchanged)
        #expect(leg.setSendBuffer(nil, on: socket, abilities: abilities) == .unchanged)
        #expect(SocketOptions.sendBuffer(of: socket) == ceiling && locks == 1)
    }

    @Test(.enabled(if: KernelAbilities.probe().actuators.isSuperset(of: [.sendBuffer, .sourceWindow])))
    func theTwoLocksOfASocketAreKeptApart() {
        var leg = LegActuator()
        #expect(leg.setSourceWindow(32768, on: socket, abilities: abilities) == .changed)
        #expect(leg.setSendBuffer(32768, on: socket, abilities: abilities) == .changed)
        #expect(locks == 3)
        #expect(leg.setSendBuffer(nil, on: socket, abilities: abilities) == .changed)
        #expect(locks == 2)
        #expect(leg.setSourceWindow(nil, on: socket, abilities: abilities) == .changed)
        #expect(locks == 0)
    }

    @Test func aCongestionControlIsSwitchedAndSwitchedBack() throws {
        let inborn = try #require(abilities.congestionControl)
        // Reno is built into every kernel, and everybody may set it.
        let other = inborn == .reno ? CongestionControl.cubic : .reno
        var leg = LegActuator()
        func set(_ wanted: CongestionControl?) -> LegActuator.Outcome {
            leg.setCongestionControl(wanted, on: socket, abilities: abilities)
        }
        #expect(set(nil) == .unchanged && set(inborn) == .unchanged)
        #expect(set(other) == .changed && CongestionControl.current(of: socket) == other)
        #expect(set(other) == .unchanged)
        #expect(set(nil) == .changed && CongestionControl.current(of: socket) == inborn)
        #expect(set(nil) == .unchanged)
        #expect(set(CongestionControl("no-such")) == .refused)
        #expect(CongestionControl.current(of: socket) == inborn)
    }

    @Test func aCongestionControlThatSomebodyChoseStays() throws {
        let inborn = try #require(abilities.congestionControl)
        let chosen = inborn == .reno ? CongestionControl.cubic : .reno
        #expect(chosen.set(on: socket) == 0)
        var leg = LegActuator()
        #expect(leg.setCongestionControl(inborn, on: socket, abilities: abilities) == .unchanged)
        #expect(CongestionControl.current(of: socket) == chosen)
    }
}

/// The window that a receiver advertises, while bytes flow.
@Suite(
    .timeLimit(.minutes(2)),
    .enabled(if: KernelAbilities.probe().actuators.contains(.sourceWindow))
) struct SourceWindowTests {
    private let abilities = KernelAbilities.probe()
    private let link = BulkLoopback()
    private static let small = 65536
    /// The window of a small one may stay above it by its scale.
    private static let slack = 4096

    /// One step of a sampler's life.
    private func settle(_ leg: inout LegActuator) throws {
        let sample = try #require(LegSample(descriptor: link.receiver))
        #expect(leg.settle(sample, on: link.receiver) != .refused)
    }

    /// Makes the window small, and lets bytes flow and the sampler look until it is.
    private func shrink(_ leg: inout LegActuator) throws {
        #expect(leg.setSourceWindow(Self.small, on: link.receiver, abilities: abilities) == .changed)
        for _ in 0..<100 {
            link.flow(1 << 20)
            try settle(&leg)
        }
        #expect(link.advertisedWindow <= Self.small + Self.slack)
        #expect(SocketOptions.receiveBuffer(of: link.receiver) == 2 * Self.small)
    }

    @Test func itShrinksAndGrowsAsTold() throws {
        var leg = LegActuator()
        #expect(link.flow { $0 > 1 << 20 }, "the autotuning never opened the window")
        try shrink(&leg)
        // The autotuning does not open it again.
        link.flow(64 << 20)
        #expect(link.advertisedWindow <= Self.small + Self.slack)
        for factor in [2, 4, 8] {
            let wanted = Self.small * factor
            #expect(leg.setSourceWindow(wanted, on: link.receiver, abilities: abilities) == .changed)
            #expect(link.flow { $0 > wanted / 2 }, "the window never grew")
            link.flow(8 << 20)
            #expect(link.advertisedWindow <= wanted + Self.slack)
        }
    }

    /// The socket to an origin: what its handshake advertises is little, and no bound for what comes later.
    @Test(arguments: [FirstWindow.local, .remote]) func aFirstWindowIsSmallAndOpens(first: FirstWindow) {
        let link = BulkLoopback { #expect(SocketOptions.setFirstWindowOrWarn($0, bytes: first.bytes) == 0) }
        #expect(link.advertisedWindow <= first.bytes)
        link.fill()
        // Half of the memory is for payload, until the kernel has seen how much of it is (tcp_win_from_space).
        #expect(link.advertisedWindow <= 2 * first.bytes)
        #expect(link.flow { $0 > 1 << 20 }, "the window never opened")
    }

    /// One that was small from the start, as a policy wants it.
    @Test(arguments: [nil, Int.max]) func theAutotuningTakesItBack(release: Int?) throws {
        var leg = LegActuator()
        try shrink(&leg)
        #expect(leg.setSourceWindow(release, on: link.receiver, abilities: abilities) == .changed)
        #expect(link.flow { $0 > 1 << 20 }, "the window never came back")
        #expect(leg.setSourceWindow(nil, on: link.receiver, abilities: abilities) == .unchanged)
        #expect(SocketOptions.get(link.receiver, SOL_SOCKET, SO_RCVLOWAT) == 1)
    }

    /// Released before what was on its way had arrived: the memory was never taken.
    @Test func aShrinkThatHasNotSettledIsTakenBack() {
        var leg = LegActuator()
        #expect(link.flow { $0 > 1 << 20 }, "the autotuning never opened the window")
        #expect(leg.setSourceWindow(Self.small, on: link.receiver, abilities: abilities) == .changed)
        #expect(leg.setSourceWindow(nil, on: link.receiver, abilities: abilities) == .changed)
        link.flow(8 << 20)
        #expect(link.flow { $0 > 1 << 20 }, "the window never came back")
    }

    /// Where a busy machine lets this thread wait, the sender probes for a lost tail, with one segment each time (TLP, RFC 8985), and the
    /// answer does not always say that it came twice. Memory that is taken from what is on its way costs about 500.
    private static let fewProbes = 100

    /// What was on its way when the window shrank arrives, and is kept.
    @Test func shrinkingDropsNothing() throws {
        var leg = LegActuator()
        #expect(link.flow { $0 > 1 << 20 }, "the autotuning never opened the window")
        #expect(leg.setSourceWindow(Self.small, on: link.receiver, abilities: abilities) == .changed)
        let before = link.lostSegments
        link.fill()
        for _ in 0..<100 {
            try settle(&leg)
            link.flow(1 << 20)
        }
        #expect(SocketOptions.receiveBuffer(of: link.receiver) == 2 * Self.small)
        #expect(link.lostSegments - before < Self.fewProbes)
    }

    /// The autotuning passes a ceiling that it does not know of; a sample sees it.
    @Test func aBoundedWindowIsNotGivenBack() throws {
        var leg = LegActuator()
        let ceiling = 256 << 10
        #expect(link.flow { $0 > ceiling }, "the autotuning never opened the window")
        for _ in 0..<100 {
            let sample = try #require(LegSample(descriptor: link.receiver))
            _ = leg.boundSourceWindow(at: ceiling, sample, on: link.receiver, abilities: abilities)
            try settle(&leg)
            link.flow(1 << 20)
        }
        #expect(leg.setSourceWindow(.max, on: link.receiver, abilities: abilities) == .unchanged)
        link.flow(64 << 20)
        #expect(link.advertisedWindow <= ceiling + Self.slack)
    }

    /// Unread bytes are bounded by the memory, not by the window alone.
    @Test func aReaderThatStallsHoldsLittle() throws {
        var leg = LegActuator()
        try shrink(&leg)
        link.fill()
        let unread = try #require(LegSample(descriptor: link.sender)).unacked
        #expect(Int(unread) * 1448 <= 4 * Self.small)
        #expect(SocketFacts.unreadBytes(of: link.receiver) <= 2 * Self.small)
    }
}
