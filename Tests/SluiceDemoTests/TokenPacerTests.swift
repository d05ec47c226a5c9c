import Testing

@testable import SluiceDemo

struct TokenPacerTests {
    @Test func deadlinesStayOnTheGridOfTheRate() {
        let pacer = TokenPacer(start: .now, rate: 30)
        for second in 1...1000 {
            let offset = pacer.deadline(of: second * 30 - 1) - pacer.start
            // A drift of one nanosecond a token would show as 30 us.
            #expect(abs(offset / .seconds(1) - Double(second)) < 1e-9)
        }
    }

    @Test func theFirstTokenIsDueAfterOneInterval() {
        let pacer = TokenPacer(start: .now, rate: 4)
        #expect(pacer.deadline(of: 0) - pacer.start == .milliseconds(250))
    }
}
