import Testing

@testable import SluiceCore

@Suite struct OriginRecordTests {
    /// Every worker asks for the name by itself, each second while nobody answers: the log hears of it once a minute.
    @Test func aNameThatDoesNotResolveIsToldOnceAMinute() {
        let record = OriginRecord()
        let told = Locked<[UInt64]>([])
        let threads = TestThreads(4) { _ in
            for second in 0..<180 where record.countResolveFailure(at: UInt64(second) * 1000) {
                told.withLock { $0.append(UInt64(second)) }
            }
        }
        threads.join()
        // The workers' clocks are one; here the threads go through the time each by itself.
        let times = told.withLock { $0.sorted() }
        #expect(times.first == 0)
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= 60 })
        #expect(record.resolveFailures == 4 * 180)
    }
}
