import SluiceConfig
import SluiceCore
import SluiceRandom
import Testing

@Suite struct PropertyTests {
    @Test(arguments: 0..<200 as Range<UInt64>)
    func aConfigurationSurvivesItsText(seed: UInt64) throws {
        var generator = ConfigurationGenerator(seed: seed)
        let configuration = generator.configuration()
        let text = ConfigurationText.write(configuration)
        #expect(try ConfigurationFile.parse(text, file: "generated") == configuration, "\(text)")
    }

    /// A damaged file is either still a configuration, or refused with places that an editor can jump to.
    @Test(arguments: 0..<300 as Range<UInt64>)
    func aDamagedReferenceIsReadOrRefusedWithPlaces(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var characters = Array(try RepositoryFile.text(RepositoryFile.reference))
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            Mutation.apply(to: &characters, using: &random)
        }
        let text = String(characters)
        do {
            _ = try ConfigurationFile.parse(text, file: "damaged")
        } catch {
            #expect(!error.problems.isEmpty)
            let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            for problem in error.problems {
                let place = try #require(problem.place, "\(problem)")
                #expect((1...lines.count).contains(place.line) && place.column >= 1, "\(problem)")
                #expect(problem.description.split(whereSeparator: \.isNewline).count == 1)
            }
        }
    }

    @Test func mutationsReachBothOutcomes() throws {
        let reference = Array(try RepositoryFile.text(RepositoryFile.reference))
        let outcomes = (0..<200 as Range<UInt64>).map { seed in
            var random = SplitMix64(seed: seed)
            var characters = reference
            Mutation.apply(to: &characters, using: &random)
            return (try? ConfigurationFile.parse(String(characters), file: "damaged")) != nil
        }
        #expect(outcomes.filter { $0 }.count > 20)
        #expect(outcomes.filter { !$0 }.count > 20)
    }
}

/// One small damage, as a slip of an editor or of a disk would make it.
private enum Mutation {
    private static let alphabet = Array(
        "\t\n\r -:#[]{}&*!|>'\"%@`,?~<=.0129aefnKM\u{0}\u{7F}\u{85}\u{2028}\u{FEFF}\u{E000}é€😀\u{301}"
    )

    static func apply(to text: inout [Character], using random: inout SplitMix64) {
        guard !text.isEmpty else { return }
        let place = Int.random(in: 0..<text.count, using: &random)
        let other = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
        let end = min(text.count, place + Int.random(in: 1...40, using: &random))
        switch Int.random(in: 0...5, using: &random) {
        case 0: text[place] = other
        case 1: text.insert(other, at: place)
        case 2: text.removeSubrange(place..<end)
        case 3: text.insert(contentsOf: text[place..<end], at: Int.random(in: 0...text.count, using: &random))
        case 4: duplicateLine(at: place, in: &text)
        default: text.removeSubrange(place...)
        }
    }

    /// The way to duplicate keys.
    private static func duplicateLine(at place: Int, in text: inout [Character]) {
        let start = text[..<place].lastIndex(of: "\n").map { $0 + 1 } ?? 0
        let end = text[place...].firstIndex(of: "\n") ?? text.count
        text.insert(contentsOf: text[start..<end] + ["\n"], at: start)
    }
}
