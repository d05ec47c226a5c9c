/// Which origin gets the next connection. Pure: the caller says how each one stands.
///
/// One a route and worker: what it returns is which turn it is, and that needs no agreement between workers.
struct Balancer {
    /// How an origin stands at the moment of a choice.
    struct Standing {
        /// Connections that it has now, over all workers.
        var connections: Int
        /// Estimated round-trip time in microseconds; 0 while unknown.
        var roundTrip: UInt32 = 0
    }

    private struct Turn {
        /// Smooth weighted round robin's running credit.
        var credit = 0
        /// When it was chosen last, milliseconds; `nil`: never.
        var chosenAt: UInt64?
    }

    /// `least_rtt`: origins whose round trips differ by less than a quarter and this many microseconds are equally near. Less is
    /// noise: the loop itself may be as late.
    static let equalMicroseconds: UInt64 = 200
    /// `least_rtt`: an origin that was not chosen for so long is chosen once, to measure it again.
    static let explorationMilliseconds: UInt64 = 10_000
    /// `least_rtt`: of so many choices, at most one explores.
    static let explorationShare = 8

    private let method: BalanceMethod
    private let weights: [Int]
    /// One an origin.
    private var turns: [Turn]
    private var choicesSinceExploration = Self.explorationShare

    init(_ method: BalanceMethod, weights: [Int]) {
        self.method = method
        self.weights = weights
        turns = weights.map { _ in Turn() }
    }

    /// The index of the chosen origin; `nil` where `standing` is `nil` for all: they may not be chosen. `now` is in
    /// milliseconds.
    mutating func choose(at now: UInt64, standing: (Int) -> Standing?) -> Int? {
        let chosen: Int? =
            switch method {
            case .roundRobin: nextTurn { standing($0) != nil }
            case .leastConnections: leastConnections(standing)
            case .leastRTT: nearest(at: now, standing)
            }
        if let chosen { turns[chosen].chosenAt = now }
        return chosen
    }

    /// Smooth weighted round robin (nginx, since 1.3.1): in any row of as many choices as the weights add up to,
    /// each gets its weight, as evenly spread as can be.
    private mutating func nextTurn(among isEligible: (Int) -> Bool) -> Int? {
        var total = 0
        var best: Int?
        for index in turns.indices where isEligible(index) {
            turns[index].credit += weights[index]
            total += weights[index]
            if best.map({ turns[index].credit > turns[$0].credit }) ?? true { best = index }
        }
        if let best { turns[best].credit -= total }
        return best
    }

    /// The fewest connections for its weight; equals take turns.
    private mutating func leastConnections(_ standing: (Int) -> Standing?) -> Int? {
        var best: (load: Int, weight: Int)?
        for index in turns.indices {
            guard let load = standing(index).map({ $0.connections + 1 }) else { continue }
            let weight = weights[index]
            if best.map({ load * $0.weight < $0.load * weight }) ?? true { best = (load, weight) }
        }
        guard let best else { return nil }
        let weights = weights
        return nextTurn { index in
            guard let load = standing(index).map({ $0.connections + 1 }) else { return false }
            return load * best.weight == best.load * weights[index]
        }
    }

    /// Of the nearest, the one with the fewest connections. Now and then one that was not chosen for long: nothing else would
    /// find out that it has become near.
    private mutating func nearest(at now: UInt64, _ standing: (Int) -> Standing?) -> Int? {
        if let unknown = turns.indices.first(where: { turns[$0].chosenAt == nil && standing($0) != nil }) {
            return unknown
        }
        choicesSinceExploration += 1
        if let forgotten = forgotten(at: now, standing) {
            choicesSinceExploration = 0
            return forgotten
        }
        var least: UInt32?
        for index in turns.indices {
            guard let roundTrip = standing(index)?.roundTrip, roundTrip > 0 else { continue }
            least = min(least ?? .max, roundTrip)
        }
        guard let least = least.map(UInt64.init) else { return leastConnections(standing) }
        let limit = least + least / 4 + Self.equalMicroseconds
        return leastConnections { index in
            guard let candidate = standing(index), candidate.roundTrip > 0, candidate.roundTrip <= limit
            else {
                return nil
            }
            return candidate
        }
    }

    private func forgotten(at now: UInt64, _ standing: (Int) -> Standing?) -> Int? {
        guard choicesSinceExploration >= Self.explorationShare else { return nil }
        var oldest: (index: Int, chosenAt: UInt64)?
        for index in turns.indices {
            guard let chosenAt = turns[index].chosenAt, now >= chosenAt + Self.explorationMilliseconds,
                standing(index) != nil
            else { continue }
            if oldest.map({ chosenAt < $0.chosenAt }) ?? true { oldest = (index, chosenAt) }
        }
        return oldest?.index
    }
}
