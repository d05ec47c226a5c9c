// The demo's language model: words that follow each other as they do in a short text.

import SluiceRandom

/// An endless text, one token at a time: a word with the space before it, or a punctuation mark.
///
/// A first-order Markov chain over `corpus`. The same seed and prompt give the same text.
struct WordChain {
    private var random: SplitMix64
    private var current: String?
    private var isFirst = true

    init(seed: Int, prompt: String) {
        // FNV-1a over the prompt, starting from the seed: it only has to tell prompts apart.
        let hash = prompt.utf8.reduce(0xCBF2_9CE4_8422_2325 ^ UInt64(bitPattern: Int64(seed))) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        random = SplitMix64(seed: hash)
    }

    /// Whether the last token ended a sentence.
    var isAtSentenceEnd: Bool { current == nil && !isFirst }

    mutating func nextToken() -> String {
        let candidates = current.flatMap { Self.followers[$0] } ?? Self.openers
        let word = candidates[random.next(below: candidates.count)]
        let token = isFirst || word == "." || word == "," ? word : " " + word
        isFirst = false
        current = word == "." ? nil : word
        return token
    }

    /// The words that open a sentence.
    private static let openers: [String] = sentences.map { $0[0] }

    /// For each word, what followed it in the text, as often as it did.
    private static let followers: [String: [String]] = {
        var followers: [String: [String]] = [:]
        for sentence in sentences {
            for (word, next) in zip(sentence, sentence.dropFirst()) {
                followers[word, default: []].append(next)
            }
        }
        return followers
    }()

    private static let sentences: [[String]] =
        corpus
        .split(separator: "\n")
        .map { line in line.split(separator: " ").map(String.init) }

    /// One sentence a line, punctuation set apart. Sentences share words, so that the chain can cross over.
    private static let corpus = """
        The keeper of the sluice watches the water rise behind the gate .
        A gate that opens too late floods the meadow , and a gate that opens too early empties the canal .
        The water remembers every stone that it passed on the way to the sea .
        In spring the river carries snow from the hills , and the keeper opens the gate a little wider .
        A boat waits in the lock until the water is level with the canal .
        The canal is quiet at night , and the keeper listens to the water under the bridge .
        Every boat that enters the lock leaves a small wave behind .
        When the river is low , the mill stands still and the miller mends the wheel .
        The wheel of the mill turns as fast as the water that reaches it .
        A narrow canal carries as much as a wide river if the water never waits .
        The keeper counts the boats , and the boats count the locks .
        In summer the meadow drinks from the canal through a small gate .
        The bridge was built before the mill , and the mill before the lock .
        When a storm comes from the sea , the gate holds the tide until the wind turns .
        The tide rises twice a day , and the keeper writes the level in a small book .
        A good gate is one that nobody notices .
        The water finds the shortest way , and the keeper shows it the right one .
        Every stone in the wall of the lock was cut by hand .
        When the wind turns , the boats leave the lock one after the other .
        The book of the keeper says how high the river stood in every spring .
        """
}
