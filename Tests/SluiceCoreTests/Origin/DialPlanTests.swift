import Glibc
import SluiceRandom
import Testing

@testable import SluiceCore

@Suite struct DialPlanTests {
    private func addresses(_ count: Int) -> [SocketAddress] {
        (0..<count).map { SocketAddress(literal: "127.0.0.1", port: UInt16($0 + 1))! }
    }

    @Test func everyAddressIsTriedOnceInOrder() {
        var plan = DialPlan(addresses: addresses(3), deadline: 10_000)
        let tried = (0..<3).map { _ in plan.nextAttempt(now: 100) }
        #expect(tried == addresses(3))
        #expect(plan.nextAttempt(now: 100) == nil)
    }

    @Test func theTimeLeftIsSharedByTheAddressesLeft() {
        var plan = DialPlan(addresses: addresses(3), deadline: 3100)
        _ = plan.nextAttempt(now: 100)
        #expect(plan.attemptDeadline == 1100)
        // The first refused at once: the others share what it left.
        _ = plan.nextAttempt(now: 200)
        #expect(plan.attemptDeadline == 1650)
        _ = plan.nextAttempt(now: 1650)
        #expect(plan.attemptDeadline == 3100)
    }

    @Test func attemptsThatAllTimeOutFillTheTimeAndNoMore() {
        var random = SplitMix64(seed: 5)
        for _ in 0..<300 {
            let count = Int.random(in: 1...12, using: &random)
            let start = UInt64.random(in: 0...1_000_000, using: &random)
            let deadline = start + .random(in: 1...20_000, using: &random)
            var plan = DialPlan(addresses: addresses(count), deadline: deadline)
            var (now, attempts) = (start, 0)
            while plan.nextAttempt(now: now) != nil {
                #expect(plan.attemptDeadline > now && plan.attemptDeadline <= deadline)
                now = plan.attemptDeadline
                plan.failed(ETIMEDOUT)
                attempts += 1
            }
            #expect(attempts == min(count, Int(deadline - start)))
            #expect(now == deadline)
            #expect(plan.closeReason == .connectTimeout)
        }
    }

    @Test(arguments: [
        ([ECONNREFUSED], CloseReason.connectRefused),
        ([ECONNREFUSED, ECONNREFUSED], .connectRefused),
        ([ECONNREFUSED, ENETUNREACH], .connectFailed),
        ([EHOSTUNREACH], .connectFailed),
        ([ENOENT], .connectFailed),
        ([ECONNRESET], .originReset),
        ([EPIPE, ECONNREFUSED], .originReset),
        ([ECONNRESET, ENETUNREACH], .connectFailed),
        ([ETIMEDOUT], .connectTimeout),
        ([ENETUNREACH, ETIMEDOUT, ECONNREFUSED], .connectTimeout),
    ])
    func theReasonIsTheOneThatAnOperatorLooksFor(codes: [Int32], reason: CloseReason) {
        var plan = DialPlan(addresses: addresses(codes.count), deadline: 1000)
        for code in codes {
            _ = plan.nextAttempt(now: 0)
            plan.failed(code)
        }
        #expect(plan.nextAttempt(now: 0) == nil)
        #expect(plan.closeReason == reason)
    }

    @Test func noTimeLeftIsATimeoutEvenWithAddressesLeft() {
        var plan = DialPlan(addresses: addresses(2), deadline: 1000)
        _ = plan.nextAttempt(now: 0)
        plan.failed(ECONNREFUSED)
        #expect(plan.nextAttempt(now: 1000) == nil)
        #expect(plan.closeReason == .connectTimeout)
    }
}
