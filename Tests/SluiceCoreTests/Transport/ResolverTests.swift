import Testing

@testable import SluiceCore

@Suite(.timeLimit(.minutes(1))) struct ResolverTests {
    /// A label has 63 bytes at most, so this one fails without any name server being asked.
    private let impossible = String(repeating: "x", count: 64)
    /// Too long for a host name at all: refused before a question is even made.
    private let tooLong = String(repeating: "x", count: 2000)

    @Test func localhostResolvesAndIsThenKnown() {
        let loop = EventLoop()
        let resolver = Resolver(loop: loop, refresh: .seconds(3600))
        var (answer, again): ([SocketAddress]?, [SocketAddress]?)
        let known = resolver.addresses(of: "localhost", port: 4321) { addresses in
            answer = addresses
            again = resolver.addresses(of: "localhost", port: 4321) { _ in Issue.record("asked again") }
            loop.stop()
        }
        #expect(known == nil)
        loop.run()
        #expect(answer?.isEmpty == false)
        #expect(answer == again)
        #expect(answer?.allSatisfy { $0.isLoopback } == true)
        #expect(answer?.allSatisfy { $0.description.hasSuffix(":4321") } == true)
    }

    @Test func whoAsksMeanwhileGetsTheSameAnswer() {
        let loop = EventLoop()
        let resolver = Resolver(loop: loop, refresh: .seconds(3600))
        var answers: [[SocketAddress]] = []
        for _ in 0..<5 {
            let known = resolver.addresses(of: "localhost", port: 1) { addresses in
                answers.append(addresses)
                if answers.count == 5 { loop.stop() }
            }
            #expect(known == nil)
        }
        loop.run()
        #expect(answers.count == 5 && Set(answers).count == 1)
    }

    @Test func aPortIsPartOfTheQuestion() {
        let loop = EventLoop()
        let resolver = Resolver(loop: loop, refresh: .seconds(3600))
        var answers: [String] = []
        for port in [UInt16(1), 2] {
            _ = resolver.addresses(of: "localhost", port: port) { addresses in
                answers += addresses.map(\.description).filter { $0.hasSuffix(":\(port)") }.prefix(1)
                if answers.count == 2 { loop.stop() }
            }
        }
        loop.run()
        #expect(answers.count == 2)
    }

    @Test func aNameThatIsNoneGivesAnEmptyList() {
        let loop = EventLoop()
        let resolver = Resolver(loop: loop, refresh: .seconds(3600))
        var (first, second): ([SocketAddress]?, [SocketAddress]?)
        _ = resolver.addresses(of: impossible, port: 1) { addresses in
            first = addresses
            // Within the second after a failure the answer is the same, and comes at once.
            _ = resolver.addresses(of: impossible, port: 1) { second = $0 }
            loop.stop()
        }
        loop.run()
        #expect(first == [])
        #expect(second == [])
    }

    @Test func aNameThatCannotBeAskedForGivesAnEmptyListToo() {
        let loop = EventLoop()
        let resolver = Resolver(loop: loop, refresh: .seconds(3600))
        var answers: [[SocketAddress]] = []
        #expect(resolver.addresses(of: tooLong, port: 1) { answers.append($0) } == nil)
        nonisolated(unsafe) let unsafeLoop = loop
        loop.mailbox.submit { unsafeLoop.stop() }
        loop.run()
        #expect(answers == [[]])
    }

    /// Clients that keep coming do not put the next question off.
    @Test func aFailedNameIsAskedForAgainUnderSteadyQuestions() {
        let loop = EventLoop()
        let resolver = Resolver(loop: loop, refresh: .milliseconds(20))
        var (attempts, questions) = (0, 0)
        var timer: RepeatingTimer!
        timer = RepeatingTimer(loop: loop, everyMilliseconds: 1) {
            attempts += 1
            var isAnsweredAtOnce = false
            _ = resolver.addresses(of: impossible, port: 1) { _ in isAnsweredAtOnce = true }
            if !isAnsweredAtOnce { questions += 1 }
            // The first question, and a second one 20 ms after its failure.
            let isAskedAgain = questions > 1 && attempts > 20
            if isAskedAgain || attempts == 500 {
                timer.close()
                loop.stop()
            }
        }
        loop.run()
        #expect(attempts < 500, "\(questions) questions")
    }

    @Test func closingForgetsWhoWaits() {
        let loop = EventLoop()
        let resolver = Resolver(loop: loop, refresh: .seconds(3600))
        _ = resolver.addresses(of: "localhost", port: 1) { _ in Issue.record("answered after the close") }
        resolver.close()
        nonisolated(unsafe) let unsafeLoop = loop
        loop.mailbox.submit { unsafeLoop.stop() }
        loop.run()
    }
}
