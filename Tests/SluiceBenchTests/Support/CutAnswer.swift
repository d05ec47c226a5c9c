import SluiceRandom

@testable import SluiceBench

extension AnswerReader {
    /// An answer that arrives in pieces of random sizes, and then the end of the stream.
    convenience init(_ bytes: [UInt8], cutBy generator: inout SplitMix64) {
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...max(1, bytes.count / 2), using: &generator))
            pieces.append(Array(piece))
            rest = rest.dropFirst(piece.count)
        }
        self.init(pieces)
    }

    /// An answer that arrives in these pieces.
    convenience init(_ pieces: [[UInt8]]) {
        var left = pieces[...]
        self.init { () throws(ExchangeError) in
            guard let piece = left.popFirst() else { throw .closed }
            return piece
        }
    }

    convenience init(_ text: String) { self.init(text.isEmpty ? [] : [Array(text.utf8)]) }
}

/// Every beginning of `bytes` but the whole: what a peer that vanishes leaves behind.
func truncations(of bytes: [UInt8]) -> [[UInt8]] { bytes.indices.map { Array(bytes[..<$0]) } }

/// What a broken or hostile peer might send: sometimes `bytes` with some changed, sometimes anything.
func garbage(from bytes: [UInt8], using generator: inout SplitMix64) -> [UInt8] {
    if Bool.random(using: &generator) {
        return (0..<Int.random(in: 1...200, using: &generator)).map { _ in
            .random(in: 0...255, using: &generator)
        }
    }
    var changed = bytes
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
        changed[Int.random(in: changed.indices, using: &generator)] = .random(in: 0...255, using: &generator)
    }
    return changed
}
