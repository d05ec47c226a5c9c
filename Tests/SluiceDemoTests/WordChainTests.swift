import Testing

@testable import SluiceDemo

struct WordChainTests {
    private func text(seed: Int, prompt: String, tokens: Int = 60) -> String {
        var chain = WordChain(seed: seed, prompt: prompt)
        return (0..<tokens).map { _ in chain.nextToken() }.joined()
    }

    @Test func theSameSeedAndPromptGiveTheSameTextInEveryRelease() {
        let expected = "The bridge was built before the mill stands still and the keeper"
        #expect(text(seed: 42, prompt: "hello", tokens: 12) == expected)
    }

    @Test func anotherSeedOrPromptGivesAnotherText() {
        #expect(text(seed: 1, prompt: "p") != text(seed: 2, prompt: "p"))
        #expect(text(seed: 1, prompt: "p") != text(seed: 1, prompt: "q"))
    }

    @Test(arguments: 0..<50)
    func sentencesOpenWithACapitalAndPunctuationFollowsItsWord(seed: Int) {
        let text = text(seed: seed, prompt: "")
        #expect(!text.contains(" .") && !text.contains(" ,") && !text.contains("  "))
        for sentence in text.split(separator: ". ") {
            #expect(sentence.first?.isUppercase == true)
        }
    }

    @Test func withoutATokenCountTheTextEndsWithASentence() {
        let generation = Generation(
            model: "m",
            prompt: "p",
            seed: 3,
            limit: .sentenceAfter(100),
            rate: 1,
            isStreamed: true
        )
        var tokens = generation.makeTokens()
        var last: String?
        while let token = tokens.next() {
            last = token
        }
        #expect(last == ".")
        #expect(tokens.count >= 100)
    }
}
