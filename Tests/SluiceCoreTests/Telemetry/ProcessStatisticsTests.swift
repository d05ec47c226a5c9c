import Glibc
import Testing

@testable import SluiceCore

@Suite struct ProcessStatisticsTests {
    @Test func fieldsAreCountedBehindAnOddProgramName() throws {
        let text = "42 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 1100 22 0 0 20 0 1 0 98765 0 0\n"
        let times = try #require(ProcessStatistics.times(inStat: text))
        #expect(times.cpuTicks == 1122)
        #expect(times.startTicks == 98765)
    }

    @Test(arguments: ["", "42 (a) S 1 2", "no parenthesis"]) func aShortLineIsNoAnswer(text: String) {
        #expect(ProcessStatistics.times(inStat: text) == nil)
    }

    @Test func residentPagesAndBootTime() {
        #expect(ProcessStatistics.residentPages(inStatm: "500 123 45 6 0 7 0\n") == 123)
        #expect(
            ProcessStatistics.bootTime(inStat: "cpu 1 2\nbtime 1700000000\nprocesses 5\n") == 1_700_000_000
        )
    }

    @Test func thisProcessIsPlausible() throws {
        let process = try #require(ProcessStatistics.current())
        #expect(process.cpuSeconds >= 0)
        #expect(process.residentBytes > 1 << 20)
        #expect(process.openDescriptors >= 3)
        #expect(Double(process.openDescriptors) <= process.maxDescriptors)
        #expect(process.startTime > 1_500_000_000)
        #expect(process.startTime <= Double(time(nil)) + 1)
    }
}
