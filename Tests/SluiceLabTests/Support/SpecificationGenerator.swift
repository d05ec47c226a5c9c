import SluiceRandom

@testable import SluiceLab

/// Links of every shape, from a seed.
struct SpecificationGenerator {
    private var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    mutating func link() -> LinkSpecification {
        var up = direction()
        var down = direction()
        if below(2) == 0 { up.capacity = down.capacity } else { down.loss = up.loss }
        var changes: [LinkChange] = []
        var time = 0
        for _ in 0..<below(4) {
            time += below(20_000)
            let directions: Set<LinkDirection> = [[.up], [.down], [.up, .down]][below(3)]
            changes.append(LinkChange(time: .milliseconds(time), directions: directions, setting: setting()))
        }
        return LinkSpecification(up: up, down: down, changes: changes, seed: random.next())
    }

    private mutating func direction() -> DirectionSpecification {
        DirectionSpecification(
            capacity: below(5) == 0 ? .trace(path: "traces/radio \(below(9)).up") : capacity(),
            delay: time(),
            queue: queue(),
            discipline: [
                .dropTail, .standardCoDel, .coDel(target: time(), interval: time() + .nanoseconds(1)),
            ][below(3)],
            jitter: jitter(),
            loss: loss()
        )
    }

    private mutating func setting() -> LinkSetting {
        switch below(5) {
        case 0: .capacity(capacity())
        case 1: .delay(time())
        case 2: .queue(queue())
        case 3: .jitter(jitter())
        default: .loss(loss())
        }
    }

    private mutating func capacity() -> LinkCapacity {
        below(5) == 0 ? .unlimited : .bitsPerSecond(1 + below([9, 1_000_000, 999_999_999][below(3)]))
    }

    private mutating func time() -> Duration {
        .nanoseconds(below([1000, 1_000_000, 90_000_000_000][below(3)]))
    }

    private mutating func queue() -> QueueLimit {
        switch below(3) {
        case 0: .bytes(below(1 << 30))
        case 1: .time(time())
        default: .bandwidthDelayProducts(Double(below(1_000_000)) / 997)
        }
    }

    private mutating func jitter() -> Jitter {
        let amplitude = time() + .nanoseconds(1)
        return [.none, .ordered(amplitude: amplitude), .reordering(amplitude: amplitude)][below(3)]
    }

    private mutating func loss() -> PacketLoss {
        switch below(3) {
        case 0: .none
        case 1: .random(Double(1 + below(1_000_000)) / 1_000_000)
        default:
            .gilbertElliott(
                toBad: random.nextFraction(),
                toGood: random.nextFraction(),
                lossInBad: random.nextFraction(),
                lossInGood: 0
            )
        }
    }

    private mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
}
