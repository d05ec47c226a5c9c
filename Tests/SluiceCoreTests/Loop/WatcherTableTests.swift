import Glibc
import Testing

@testable import SluiceCore

@Suite(.timeLimit(.minutes(1))) struct WatcherTableTests {
    /// Notes its events, and reads nothing.
    private final class Probe: PollHandle {
        var events: [PollEvents] = []
        var whenReady: () -> Void = {}
        override func ready(_ events: PollEvents) {
            self.events.append(events)
            whenReady()
        }
    }

    /// A number that no other test's descriptor gets: the kernel hands out the lowest.
    private func highNumber(_ descriptor: Int32) -> Int32 {
        let number = fcntl(descriptor, F_DUPFD_CLOEXEC, 700)
        precondition(number >= 700)
        _ = fcntl(number, F_SETFL, O_NONBLOCK)
        return number
    }

    @Test func theNextDescriptorOfANumberTakesItsHandleOver() throws {
        let loop = EventLoop()
        let (one, two) = (DescriptorPair.sockets(), DescriptorPair.sockets())
        let number = highNumber(one.first)

        var first: Probe? = try Probe(loop: loop, descriptor: number)
        weak let freed = first
        let handle = try loop.watchers.take(number)
        first!.setInterest(.readable)
        first!.whenReady = { loop.stop() }
        #expect(write(one.second, "x", 1) == 1)
        first!.stopWatching()
        #expect(first!.events.isEmpty)
        first = nil
        #expect(freed == nil, "nothing keeps a handle that was stopped")

        // The next connection gets the same number, and is writable at once; the old one's byte is not its own.
        #expect(dup2(two.first, number) == number)
        let second = try Probe(loop: loop, descriptor: number)
        #expect(try loop.watchers.take(number) == handle)
        second.whenReady = {
            guard second.events.count < 2 else {
                second.stopWatching()
                return loop.stop()
            }
            second.setInterest(.readable)
            #expect(write(two.second, "y", 1) == 1)
        }
        second.setInterest([.readable, .writable])
        loop.run()
        second.whenReady = {}
        #expect(second.events == [.writable, .readable])
        close(number)
    }

    @Test func whatTheKernelCannotPollIsAnError() throws {
        let loop = EventLoop()
        let directory = TemporaryDirectory()
        let file = open("\(directory.path)/file", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(file) }
        #expect(throws: SystemError(code: EPERM, call: "uv_poll_init")) {
            _ = try Probe(loop: loop, descriptor: file)
        }
        nonisolated(unsafe) let unsafeLoop = loop
        loop.mailbox.submit { unsafeLoop.stop() }
        loop.run()
    }
}
