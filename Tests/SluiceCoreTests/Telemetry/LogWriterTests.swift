import Testing

@testable import SluiceCore

@Suite(.timeLimit(.minutes(1))) struct LogWriterTests {
    @Test func linesArriveWholeAndInOrder() {
        let log = PipedLog()
        let writer = log.writer
        let (threads, linesEach) = (6, 300)
        let writers = TestThreads(threads) { thread in
            for number in 0..<linesEach {
                writer.write("\(thread) \(number) " + String(repeating: "x", count: number))
            }
        }
        let lines = log.lines(threads * linesEach)
        writers.join()
        #expect(log.isReadOut && writer.dropped == 0)
        #expect(lines.count == threads * linesEach)
        var next = [Int](repeating: 0, count: threads)
        for line in lines {
            let words = line.split(separator: " ", omittingEmptySubsequences: false)
            guard words.count == 3, let thread = Int(words[0]), let number = Int(words[1]) else {
                Issue.record("a broken line: \(line)")
                continue
            }
            #expect(number == next[thread] && words[2].utf8.count == number)
            next[thread] = number + 1
        }
    }

    /// More than queue and pipe hold, and nobody reads: whoever writes is not stopped.
    @Test func aStoppedReaderCostsLinesAndStopsNobody() {
        let log = PipedLog()
        let (count, padding) = (20_000, String(repeating: "x", count: 1000))
        for number in 0..<count { log.writer.write("\(number) \(padding)") }
        let dropped = Int(log.writer.dropped)
        #expect(dropped > 0 && dropped < count)
        let numbers = log.lines(count - dropped).compactMap { line in
            line.hasSuffix(padding) ? line.split(separator: " ").first.flatMap { Int($0) } : nil
        }
        #expect(numbers.count == count - dropped, "every line is whole")
        #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
        #expect(log.isReadOut)
        // And once somebody reads again, nothing more is lost.
        log.writer.write("after")
        #expect(log.lines(1) == ["after"])
        #expect(Int(log.writer.dropped) == dropped)
    }

    @Test func aReaderThatIsGoneIsCountedToo() {
        let log = PipedLog()
        log.stopReading()
        for number in 0..<50 { log.writer.write("\(number)") }
        // On a busy machine the writer may need more than the second that a flush waits.
        for _ in 0..<30 where log.writer.dropped < 50 { log.writer.flush() }
        #expect(log.writer.dropped == 50)
    }

    @Test func afterAFlushEverythingIsWritten() {
        let log = PipedLog()
        for number in 0..<100 { log.writer.write("\(number)") }
        log.writer.flush()
        // What is in the pipe is read without waiting for the writer.
        #expect(log.lines(100) == (0..<100).map(String.init))
    }
}
