import SluiceControl
import SluiceRandom

/// Which connections of an adaptive route are left to the kernel alone, to compare with.
///
/// Flows of one path share its bottleneck: a flow that is left to the kernel fills the queue that adaptive ones beside it
/// keep short, and takes what they yield. Both arms would then show a mixture. So the connections that one peer (`pathPrefix`)
/// opens within `ActuatorTrial.groupPeriod` go together, on all routes; a peer draws anew in the next one, so that none is left out
/// for good. What different peers share, an origin's path, stays shared by both arms, of which the kernel's is the small one.
///
/// Clients on this host have no path, and are often one application: they are drawn one by one.
struct Holdback: Sendable {
    /// From 0 to 1.
    let share: Double

    func arm(of id: UInt64, from client: SocketAddress, acceptedAt time: UInt64) -> Arm {
        guard share > 0 else { return .adaptive }
        let group = Self.group(of: id, from: client, acceptedAt: time)
        return SplitMix64.fraction(seed: 0, at: Int(truncatingIfNeeded: group)) < share ? .kernel : .adaptive
    }

    /// A hash of what decides.
    /// - Parameter time: monotonic microseconds.
    static func group(of id: UInt64, from client: SocketAddress, acceptedAt time: UInt64) -> UInt64 {
        guard let prefix = prefixBits(client) else { return hash(id) }
        return hash(hash(prefix) ^ (time / ActuatorTrial.groupPeriod))
    }

    /// `nil`: no path.
    private static func prefixBits(_ client: SocketAddress) -> UInt64? {
        guard !client.isLoopback else { return nil }
        return switch client.pathPrefix {
        case .ipv4(let address, _): UInt64(address)
        case .ipv6(let high, _, _, let scope): high ^ UInt64(scope)
        case .unix: nil
        }
    }

    private static func hash(_ bits: UInt64) -> UInt64 {
        var random = SplitMix64(seed: bits)
        return random.next()
    }
}
