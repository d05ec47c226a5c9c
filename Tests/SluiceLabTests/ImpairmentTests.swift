import Testing

@testable import SluiceLab

/// Loss and jitter: their statistics, with fixed seeds.
struct ImpairmentTests {
    private let count = 200_000

    @Test(
        "random loss is within four standard deviations of what was asked",
        arguments: [0.001, 0.01, 0.3],
        [1, 2, 99]
    )
    func randomLoss(probability: Double, seed: Int) throws {
        var driver = try ModelDriver("loss=\(probability),seed=\(seed)")
        driver.run(steady(count, every: 1000))
        let lost = Double(driver.dropped(.loss).count)
        let deviation = (Double(count) * probability * (1 - probability)).squareRoot()
        #expect(abs(lost - Double(count) * probability) < 4 * deviation)
    }

    @Test(
        "Gilbert-Elliott loses in bursts of the right length and at the right average",
        arguments: [1, 2, 99]
    )
    func gilbertElliott(seed: Int) throws {
        var driver = try ModelDriver("loss=ge:p=1%,r=25%,seed=\(seed)")
        driver.run(steady(count, every: 1000))
        let lost = driver.dropped(.loss).map { Int($0.packet.handle) }.sorted()
        let bursts = 1 + zip(lost, lost.dropFirst()).count { $1 != $0 + 1 }
        let meanBurst = Double(lost.count) / Double(bursts)
        let average = Double(lost.count) / Double(count)
        // About 1,900 bursts, each geometric with mean 4 and deviation 3.5: four standard errors are 0.32.
        #expect(abs(meanBurst - 4) < 0.32)
        #expect(abs(average - 0.01 / 0.26) < 0.006)
    }

    @Test("Gilbert-Elliott with partial losses in both states has their weighted average")
    func gilbertElliottPartial() throws {
        let loss = try LinkSpecification(parsing: "loss=ge:p=2%,r=8%,bad=50%,good=1%").up.loss
        var driver = try ModelDriver("loss=ge:p=2%,r=8%,bad=50%,good=1%")
        driver.run(steady(count, every: 1000))
        #expect(abs(loss.average - 0.108) < 1e-12)
        #expect(abs(Double(driver.dropped(.loss).count) / Double(count) - loss.average) < 0.006)
    }

    @Test("equal seeds lose the same packets, other seeds others")
    func seeds() throws {
        func lost(_ text: String, _ direction: LinkDirection) throws -> [Int32] {
            var driver = try ModelDriver(text, direction)
            driver.run(steady(5000, every: 1000))
            return driver.dropped(.loss).map(\.packet.handle)
        }
        #expect(try lost("loss=1%", .up) == lost("loss=1%,seed=1", .up))
        #expect(try lost("loss=1%", .up) != lost("loss=1%,seed=2", .up))
        #expect(try lost("loss=1%", .up) != lost("loss=1%", .down))
    }

    @Test(
        "jitter keeps the order, stays within its amplitude and uses all of it",
        arguments: [20_000, 50_000, 3_000_000]
    )
    func orderedJitter(interval: Int) throws {
        var driver = try ModelDriver("delay=10ms,jitter=4ms")
        driver.run(steady(50_000, every: interval))
        let extras = driver.delivered.map { ($0.dueAt ?? 0) - $0.packet.arrivedAt - 10 * millisecond }
        #expect(driver.delivered.map(\.packet.handle) == (0..<50_000).map { Int32($0) })
        #expect(extras.allSatisfy { (0...4 * millisecond).contains($0) })
        #expect((extras.max() ?? 0) > 3 * millisecond)
        #expect((extras.min() ?? .max) < millisecond)
    }

    @Test("jitter with reordering is even over its amplitude, and packets overtake")
    func reorderingJitter() throws {
        var driver = try ModelDriver("delay=10ms,jitter=4ms:reorder")
        driver.run(steady(50_000, every: 100_000))
        let extras = driver.delivered.map { ($0.dueAt ?? 0) - $0.packet.arrivedAt - 10 * millisecond }
        let order = driver.delivered.map(\.packet.handle)
        #expect(extras.allSatisfy { (0..<4 * millisecond).contains($0) })
        #expect(zip(order, order.dropFirst()).count { $0 > $1 } > 10_000)
        let mean = Double(extras.reduce(0, +)) / Double(extras.count)
        // Four standard errors of an even distribution over 4 ms.
        #expect(abs(mean - 2e6) < 4 * 1.155e6 / Double(extras.count).squareRoot())
        #expect(
            zip(driver.delivered, driver.delivered.dropFirst()).allSatisfy {
                ($0.dueAt ?? 0) <= ($1.dueAt ?? 0)
            }
        )
    }
}
