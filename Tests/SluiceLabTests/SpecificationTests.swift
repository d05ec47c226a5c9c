import SluiceRandom
import Testing

@testable import SluiceLab

/// The text of a link.
struct SpecificationTests {
    @Test("whatever a link is, its text reads back as the same link", arguments: 1...300)
    func roundTrip(seed: UInt64) throws {
        var random = SpecificationGenerator(seed: seed)
        let link = random.link()
        let again = try LinkSpecification(parsing: link.description)
        #expect(again == link, "\(link)")
        #expect(again.description == link.description)
    }

    @Test("settings mean what they say")
    func settings() throws {
        let link = try LinkSpecification(
            parsing:
                "rate=50mbit,up.rate=5mbit,delay=10ms,down.delay=1.5ms,queue=64KB,up.queue=1.5bdp,aqm=codel,"
                + "jitter=2ms:reorder,down.jitter=1ms,loss=1%,up.loss=ge:p=1%,r=30%,at=10s:down.rate=20mbit,at=5s:loss=none,seed=7"
        )
        #expect(link.up.capacity == .bitsPerSecond(5_000_000))
        #expect(link.down.capacity == .bitsPerSecond(50_000_000))
        #expect(link.roundTripTime == .microseconds(11_500))
        #expect(link.up.queue == .bandwidthDelayProducts(1.5))
        #expect(link.down.queue == .bytes(65_536))
        #expect(link.up.discipline == .standardCoDel)
        #expect(link.up.jitter == .reordering(amplitude: .milliseconds(2)))
        #expect(link.down.jitter == .ordered(amplitude: .milliseconds(1)))
        #expect(link.down.loss == .random(0.01))
        #expect(link.up.loss == .gilbertElliott(toBad: 0.01, toGood: 0.3, lossInBad: 1, lossInGood: 0))
        #expect(link.changes.map(\.time) == [.seconds(5), .seconds(10)])
        #expect(link.changes[0].directions == [.up, .down])
        #expect(link.changes[1].directions == [.down])
        #expect(link.seed == 7)
    }

    @Test("a profile can be changed")
    func profileWithSettings() throws {
        var expected = try #require(LinkProfile.named("dsl-bloated")).specification
        expected.up.discipline = .standardCoDel
        #expect(try LinkSpecification(parsing: "dsl-bloated,up.aqm=codel") == expected)
    }

    @Test("the named profiles are there, read, and explained")
    func profiles() {
        let names = ["lan", "metro", "dsl-bloated", "lte", "satellite-geo", "lfn", "lossy-wan", "iot-narrow"]
        #expect(LinkProfile.all.map(\.name) == names)
        for profile in LinkProfile.all {
            #expect(profile.specification.roundTripTime > .zero)
            #expect(profile.explanation.count > 30)
        }
    }

    @Test(
        "a wrong text is refused by its part, with what is allowed",
        arguments: [
            ("rate", "rate"), ("dls", "dls"), ("bandwidth=5mbit", "bandwidth=5mbit"), ("rate=5", "rate=5"),
            ("rate=0mbit", "rate=0mbit"), ("rate=-5mbit", "rate=-5mbit"), ("rate=0x5mbit", "rate=0x5mbit"),
            ("rate=5mbit,delay=10", "delay=10"), ("delay=-1ms", "delay=-1ms"), ("queue=many", "queue=many"),
            ("queue=-1bdp", "queue=-1bdp"), ("aqm=red", "aqm=red"),
            ("aqm=codel:limit=5", "aqm=codel:limit=5"),
            ("aqm=codel:target=5ms,target=6ms", "aqm=codel:target=5ms,target=6ms"),
            ("jitter=2ms:swap", "jitter=2ms:swap"),
            ("loss=101%", "loss=101%"), ("loss=ge:p=1%", "loss=ge:p=1%"),
            ("loss=ge:p=1%,r=2", "loss=ge:p=1%,r=2"),
            ("at=10s", "at=10s"), ("at=soon:rate=1mbit", "at=soon:rate=1mbit"),
            ("at=1s:aqm=codel", "aqm=codel"),
            ("at=1s:trace=x", "trace=x"), ("seed=-1", "seed=-1"), ("trace=", "trace="), ("rate=5mbit,", ""),
            ("side.rate=5mbit", "side.rate=5mbit"), ("rate=nanmbit", "rate=nanmbit"),
            ("rate=9999gbit", "rate=9999gbit"),
        ]
    )
    func refusals(text: String, part: String) {
        let error = #expect(throws: LinkSpecificationError.self) { try LinkSpecification(parsing: text) }
        #expect(error?.part == part)
        #expect(error?.allowed.isEmpty == false)
    }

    @Test("no text makes the reader stumble", arguments: 1...200)
    func anyText(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let pieces = [
            "rate", "=", ",", "at", ":", "10s", "ge", "p", "up.", "5mbit", "1e999", "%", "codel", "bdp", "-",
            "é", " ",
        ]
        let text = (0..<8).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }.joined()
        if let link = try? LinkSpecification(parsing: text) {
            #expect((try? LinkSpecification(parsing: link.description)) == link)
        }
    }
}
