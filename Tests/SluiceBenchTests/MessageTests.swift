import SluiceRandom
import Testing

@testable import SluiceBench

@Suite struct MessageTests {
    private func body(_ message: ControlMessage) -> [UInt8] {
        Array(MessageChannel.encode(message).dropFirst(4))
    }

    @Test func `a plan survives the wire`() throws {
        try forEachCase { generator in
            let plan = BenchPlan.random(using: &generator)
            guard case .plan(let read) = try MessageChannel.decode(body(.plan(plan))) else {
                Issue.record("it became another message")
                return
            }
            #expect(read == plan)
        }
    }

    @Test func `the length stands in front, in network byte order`() throws {
        let message = MessageChannel.encode(.clock)
        let length = try MessageChannel.length(Array(message.prefix(4)), limit: 1000)
        #expect(length == message.count - 4)
    }

    @Test(arguments: [[0, 0, 0, 0], [0, 1, 0, 1], [255, 255, 255, 255]] as [[UInt8]])
    func `a length of nothing or beyond the limit is refused`(head: [UInt8]) {
        #expect(throws: MessageError.self) { try MessageChannel.length(head, limit: 65_536) }
    }

    @Test func `what is no message is refused, and never traps`() {
        forEachCase(1000) { generator in
            var bytes = body(.plan(BenchPlan.random(using: &generator)))
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                switch Int.random(in: 0...2, using: &generator) {
                case 0:
                    bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
                        in: 0...255,
                        using: &generator
                    )
                case 1: bytes.removeLast(Int.random(in: 0...(bytes.count / 2), using: &generator))
                default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: bytes.count / 2)
                }
                if bytes.isEmpty { break }
            }
            guard !bytes.isEmpty else { return }
            // Damage that leaves a message leaves one that can be checked.
            if case .plan(let plan)? = try? MessageChannel.decode(bytes) { _ = try? plan.validate() }
        }
        #expect(throws: MessageError.unreadable) { try MessageChannel.decode(Array("{}".utf8)) }
        #expect(throws: MessageError.unreadable) { try MessageChannel.decode([0xff, 0xfe]) }
    }
}

extension BenchPlan {
    /// Any plan, valid or not.
    static func random(using generator: inout SplitMix64) -> BenchPlan {
        var plan = BenchPlan(mode: BenchMode.allCases.randomElement(using: &generator)!)
        plan.seconds = Bool.random(using: &generator) ? Double.random(in: -1...1e6, using: &generator) : nil
        plan.bytes =
            Bool.random(using: &generator) ? UInt64.random(in: 0...(1 << 60), using: &generator) : nil
        plan.parallel = Int.random(in: -1...2000, using: &generator)
        plan.probes = Int.random(in: -1...2000, using: &generator)
        plan.directions = Array(
            FlowDirection.allCases.shuffled(using: &generator).prefix(
                Int.random(in: 0...2, using: &generator)
            )
        )
        plan.blockBytes = Int.random(in: -1...(64 << 20), using: &generator)
        plan.request.perSecond =
            Bool.random(using: &generator) ? Double.random(in: -1...1e9, using: &generator) : nil
        plan.tokens.perSecond = Double.random(in: -1...1e6, using: &generator)
        plan.seed = generator.next()
        plan.congestionControl = Bool.random(using: &generator) ? "é\"\n" : nil
        return plan
    }
}
