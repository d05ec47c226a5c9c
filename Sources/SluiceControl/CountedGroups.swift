/// Which groups of connections were counted in the current period: each counts once.
///
/// Connections of one group share a path, and come to about the same. As many numbers of them would look like as many
/// witnesses, and are one. A bitmap by hash: two groups that meet in it count as one, in either arm, which costs a number
/// and favours nobody. It also bounds what a busy route spends on being compared.
struct CountedGroups: Sendable {
    /// Bits of the map.
    static let places = 4096

    /// Empty until the first group.
    private var map: [UInt64] = []
    private var period: UInt64 = 0

    /// - Parameter time: microseconds.
    /// - Returns: whether the group is new in this period.
    mutating func insert(_ group: UInt64, at time: UInt64) -> Bool {
        let now = time / ActuatorTrial.groupPeriod
        if map.isEmpty || now != period {
            map = [UInt64](repeating: 0, count: Self.places / 64)
            period = now
        }
        let place = Int(group % UInt64(Self.places))
        let bit: UInt64 = 1 << UInt64(place % 64)
        guard map[place / 64] & bit == 0 else { return false }
        map[place / 64] |= bit
        return true
    }
}
