import Testing

@testable import SluiceCore

@Suite struct WarmAgeTests {
    @Test func itIsAsConfiguredUntilTheOriginShowsLessPatience() {
        var age = WarmAge(longest: 15_000)
        #expect(age.limit(at: 7) == 15_000)
        age.ended(after: 8000, at: 100)
        #expect(age.limit(at: 100) == 6000)
        // One that lived longer teaches nothing new.
        age.ended(after: 12_000, at: 200)
        #expect(age.limit(at: 200) == 6000)
        age.ended(after: 100, at: 300)
        #expect(age.limit(at: 300) == WarmAge.shortest)
    }

    @Test func whatWasLearnedWearsOff() {
        var age = WarmAge(longest: 15_000)
        age.ended(after: 4000, at: 1000)
        #expect(age.limit(at: 60_999) == 3000)
        #expect(age.limit(at: 61_000) == 6000)
        #expect(age.limit(at: 121_000) == 12_000)
        #expect(age.limit(at: 181_000) == 15_000)
        #expect(age.limit(at: 1 << 60) == 15_000)
    }

    @Test func itNeverGrowsByAnEnd() {
        var age = WarmAge(longest: 2000)
        age.ended(after: 60_000, at: 1)
        #expect(age.limit(at: 1) == 2000)
    }
}
