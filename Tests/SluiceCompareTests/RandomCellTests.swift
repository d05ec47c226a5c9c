import SluiceLab
import Testing

@testable import SluiceCompare

@Suite struct RandomCellTests {
    private static let cells = RandomCells(seed: 4).scenarios(400)

    @Test func `every path is within its bounds, and says what it is`() throws {
        for cell in Self.cells {
            let link = try #require(cell.link)
            #expect(link.up == link.down)
            guard case .bitsPerSecond(let rate) = link.down.capacity,
                case .bandwidthDelayProducts(let queue) = link.down.queue
            else {
                Issue.record("\(link)")
                continue
            }
            #expect((1_000_000...1_000_000_000).contains(rate))
            #expect((0.5...20).contains(queue))
            #expect(link.roundTripTime >= .microseconds(198) && link.roundTripTime <= .milliseconds(300))
            #expect(link.down.loss == .none || (0.0009...0.0201).contains(link.down.loss.average))
            #expect(cell.congestionControl == "cubic" || cell.congestionControl == "bbr")
            // As it stands in the result, it can be run again.
            #expect(try LinkSpecification(parsing: link.description).description == link.description)
        }
    }

    @Test func `everything is drawn`() {
        #expect(Set(Self.cells.map(\.name)).count == Self.cells.count)
        #expect(Set(Self.cells.map(\.summary)).count == Workload.drawn.count * 2)
        for share in [
            Self.cells.count { $0.link?.down.loss != PacketLoss.none },
            Self.cells.count { $0.link?.down.jitter != Jitter.none },
            Self.cells.count { $0.link.map { $0.roundTripTime < .milliseconds(8) } ?? false },
        ] {
            // A half of 400, give or take four standard deviations.
            #expect((160...240).contains(share))
        }
    }

    @Test func `a cell is the same however many there are, and other seeds draw others`() {
        let few = RandomCells(seed: 4).scenarios(3)
        #expect(few.map(\.link) == Self.cells.prefix(3).map(\.link))
        #expect(RandomCells(seed: 4).scenarios(2, from: 7).map(\.name) == Self.cells[6...7].map(\.name))
        #expect(RandomCells(seed: 4).scenarios(2, from: 7).map(\.link) == Self.cells[6...7].map(\.link))
        #expect(RandomCells(seed: 5).scenarios(3).map(\.link) != few.map(\.link))
    }

    @Test func `the top can be lowered`() {
        for cell in RandomCells(seed: 1, topBitsPerSecond: 5_000_000).scenarios(100) {
            guard case .bitsPerSecond(let rate) = cell.link?.up.capacity else { continue }
            #expect((1_000_000...5_000_000).contains(rate))
        }
    }
}
