import Testing

@testable import SluiceConfig

@Suite struct SuggestionTests {
    @Test(arguments: [
        ("lisen", "listen"), ("Listen", "listen"), ("litsen", "listen"), ("listens", "listen"), ("tp", "to"),
        ("ringCeiling", "ring_ceiling"), ("ring-ceiling", "ring_ceiling"), ("timeout", "timeouts"),
        ("clas", "class"), ("polcy", "policy"),
    ])
    func findsTheSlip(word: String, meant: String) {
        #expect(Suggestion.nearest(to: word, among: Section.route.names) == meant)
    }

    @Test(arguments: ["x", "zz", "certificate", "", "upstream"])
    func staysSilentWithoutAResemblance(word: String) {
        #expect(Suggestion.nearest(to: word, among: Section.route.names) == nil)
    }

    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("ab", "ba", 1), ("abc", "abc", 0),
    ])
    func countsEdits(left: String, right: String, edits: Int) {
        #expect(Suggestion.distance(Array(left), Array(right)) == edits)
        #expect(Suggestion.distance(Array(right), Array(left)) == edits)
    }
}
