import Foundation
import SluiceRandom
import Testing

@testable import SluiceLab

/// Traces, against a slow and plain reading of mahimahi's rules.
struct TraceTests {
    @Test("a trace is replayed opportunity by opportunity, over its end", arguments: 1...20)
    func matchesTheReference(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
        var time = below(3)
        var lines = [time]
        for _ in 0..<60 {
            time += below(4) == 0 ? below(30) : below(2)
            lines.append(time)
        }
        lines.append(time + 1)
        var arrivals: [(time: Int, bytes: Int)] = []
        var now = 0
        for _ in 0..<400 {
            now += below(3) == 0 ? below(8 * millisecond) : below(300_000)
            arrivals.append((now, [40, 700, 1500, 1501, 4000][below(5)]))
        }
        var driver = try withTemporaryFile { file in
            try lines.map(String.init).joined(separator: "\n").write(
                to: file,
                atomically: true,
                encoding: .utf8
            )
            return try ModelDriver("trace=\(file.path),queue=1GB")
        }
        driver.run(arrivals)
        #expect(driver.delivered.map(\.dueAt) == reference(lines, arrivals))
    }

    /// Each packet's time, for an endless queue.
    private func reference(_ lines: [Int], _ arrivals: [(time: Int, bytes: Int)]) -> [Int?] {
        var result: [Int?] = []
        var left = arrivals.map(\.bytes)
        var head = 0
        for loop in 0... {
            for line in lines {
                let opportunity = (loop * lines[lines.count - 1] + line) * millisecond
                var bytes = 1500
                while bytes > 0, head < arrivals.count, arrivals[head].time < opportunity {
                    let taken = min(bytes, left[head])
                    bytes -= taken
                    left[head] -= taken
                    guard left[head] == 0 else { continue }
                    result.append(opportunity)
                    head += 1
                }
                if head == arrivals.count { return result }
            }
        }
        return result
    }

    @Test("the average rate counts every opportunity")
    func averageRate() throws {
        let trace = try DeliveryTrace(parsing: "0\n0\n1\n2\n", name: "test")
        #expect(trace.averageBitsPerSecond == 24_000_000)
    }

    @Test(
        "a file that is no trace is refused with its line",
        arguments: [
            ("", "no delivery opportunity"), ("0\n0\n", "no delivery opportunity"), ("1\nx\n", "test:2: 'x'"),
            ("5\n4\n", "test:2: 4 is earlier"), ("-1\n", "test:1: '-1'"),
        ]
    )
    func refusals(text: String, message: String) {
        let error = #expect(throws: LabError.self) { try DeliveryTrace(parsing: text, name: "test") }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }
}
