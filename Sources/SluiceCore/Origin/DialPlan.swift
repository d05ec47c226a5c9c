import Glibc

/// Which of an origin's addresses to try next, and for how long. Pure: the dialler does the connecting.
struct DialPlan {
    private let addresses: [SocketAddress]
    private var next = 0
    /// Loop time at which the whole attempt is over.
    private let deadline: UInt64
    /// Loop time until which the attempt under way may take.
    private(set) var attemptDeadline: UInt64 = 0
    private var sawTimeout = false
    private var sawReset = false
    private var sawOther = false

    init(addresses: [SocketAddress], deadline: UInt64) {
        self.addresses = addresses
        self.deadline = deadline
    }

    /// The next address. It gets, until `attemptDeadline`, its share of the time left among the addresses left, so that one
    /// that does not answer leaves some for the others. `nil` when there is none left, or no time.
    mutating func nextAttempt(now: UInt64) -> SocketAddress? {
        guard next < addresses.count, now < deadline else {
            if next < addresses.count { sawTimeout = true }
            return nil
        }
        let share = (deadline - now) / UInt64(addresses.count - next)
        defer { next += 1 }
        attemptDeadline = now + max(1, share)
        return addresses[next]
    }

    /// The attempt could not be made yet: the same address is next once more.
    mutating func repeatAttempt() { next -= 1 }

    mutating func failed(_ code: Int32) {
        switch code {
        case ETIMEDOUT: sawTimeout = true
        case ECONNREFUSED: break
        // A reset in answer to a SYN is ECONNREFUSED. These are of a connection that was there before anybody looked (tcp_reset in
        // net/ipv4/tcp_input.c).
        case ECONNRESET, EPIPE: sawReset = true
        default: sawOther = true
        }
    }

    /// Why there is no connection, once no attempt is left.
    var closeReason: CloseReason {
        if sawTimeout { return .connectTimeout }
        if sawOther { return .connectFailed }
        return sawReset ? .originReset : .connectRefused
    }
}
