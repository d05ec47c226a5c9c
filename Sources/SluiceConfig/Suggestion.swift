/// Finds what a misspelt word was probably meant to be.
enum Suggestion {
    /// The candidate nearest to `word`, if it is near enough to be a slip of the fingers; the first among equals.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let plain = normalized(word)
        // A third of the letters may be wrong; a short word allows only one slip, or everything resembles everything.
        let tolerance = max(1, min(3, plain.count / 3))
        let ranked = candidates.map { (name: $0, distance: distance(plain, normalized($0))) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= tolerance,
            best.distance < best.name.count
        else { return nil }
        return best.name
    }

    /// `ringCeiling` and `ring-ceiling` are the same slip: another project's spelling of `ring_ceiling`.
    private static func normalized(_ word: String) -> [Character] {
        word.prefix(64).lowercased().map { $0 == "-" ? "_" : $0 }
    }

    /// The edits (insert, delete, replace, swap two neighbours) that turn one word into the other: the optimal
    /// string alignment distance.
    static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                var best = min(previous[column + 1], current[column]) + 1
                best = min(best, previous[column] + (left[row] == right[column] ? 0 : 1))
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    best = min(best, beforePrevious[column - 1] + 1)
                }
                current.append(best)
            }
            beforePrevious = previous
            previous = current
        }
        return previous[right.count]
    }
}
