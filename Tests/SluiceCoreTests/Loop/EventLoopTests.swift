import Glibc
import Testing

@testable import SluiceCore

@Suite(.timeLimit(.minutes(1))) struct EventLoopTests {
    private struct Letter: Sendable {
        let sender: Int
        let number: Int
        let isOnLoopThread: Bool
    }

    @Test func lettersRunOnTheLoopsThreadInOrderPerSender() {
        let loop = EventLoop()
        let mailbox = loop.mailbox
        nonisolated(unsafe) let unsafeLoop = loop
        let loopThread = pthread_self()
        let (senders, lettersEach) = (8, 500)
        let received = Locked<[Letter]>([])
        let threads = TestThreads(senders) { sender in
            for number in 0..<lettersEach {
                let isAccepted = mailbox.submit {
                    let count = received.withLock { received in
                        let isOnLoopThread = pthread_equal(pthread_self(), loopThread) != 0
                        received.append(
                            Letter(sender: sender, number: number, isOnLoopThread: isOnLoopThread)
                        )
                        return received.count
                    }
                    if count == senders * lettersEach { unsafeLoop.stop() }
                }
                precondition(isAccepted)
            }
        }
        loop.run()
        threads.join()
        let letters = received.withLock { $0 }
        #expect(letters.count == senders * lettersEach)
        #expect(letters.allSatisfy { $0.isOnLoopThread })
        for sender in 0..<senders {
            #expect(letters.filter { $0.sender == sender }.map(\.number) == Array(0..<lettersEach))
        }
    }

    @Test func afterTheLoopsEndASubmitIsRefused() {
        let loop = EventLoop()
        let mailbox = loop.mailbox
        nonisolated(unsafe) let unsafeLoop = loop
        mailbox.submit { unsafeLoop.stop() }
        loop.run()
        let ran = Locked(false)
        #expect(!mailbox.submit { ran.withLock { $0 = true } })
        #expect(!ran.withLock { $0 })
    }

    @Test func whatWasAcceptedBeforeTheEndStillRuns() {
        let loop = EventLoop()
        let mailbox = loop.mailbox
        nonisolated(unsafe) let unsafeLoop = loop
        let order = Locked<[Int]>([])
        let isAccepted = Locked(false)
        mailbox.submit {
            unsafeLoop.stop()
            // Comes too late for this turn of the loop, which is the last.
            let accepted = mailbox.submit { order.withLock { $0.append(2) } }
            isAccepted.withLock { $0 = accepted }
            order.withLock { $0.append(1) }
        }
        loop.run()
        #expect(isAccepted.withLock { $0 })
        #expect(order.withLock { $0 } == [1, 2])
    }

    /// A letter is taken and run, or refused: never taken and forgotten.
    @Test(arguments: 0..<20)
    func everyLetterIsEitherRunOrRefused(round: Int) {
        let loop = EventLoop()
        let mailbox = loop.mailbox
        nonisolated(unsafe) let unsafeLoop = loop
        let ran = Locked(0)
        let accepted = Locked(0)
        let threads = TestThreads(4) { sender in
            for number in 0..<200 {
                if mailbox.submit({ ran.withLock { $0 += 1 } }) { accepted.withLock { $0 += 1 } }
                if sender == 0, number == 100 { mailbox.submit { unsafeLoop.stop() } }
            }
        }
        loop.run()
        threads.join()
        #expect(ran.withLock { $0 } == accepted.withLock { $0 })
        #expect(ran.withLock { $0 } >= 101)
    }

    @Test func aTimerRepeatsUntilItIsClosedAndTurnsAreCounted() {
        let loop = EventLoop()
        var turns = 0
        var firings = 0
        var timer: RepeatingTimer!
        let hook = TurnHook(loop: loop) { turns += 1 }
        timer = RepeatingTimer(loop: loop, everyMilliseconds: 1) {
            firings += 1
            guard firings == 5 else { return }
            timer.close()
            hook.close()
            loop.stop()
        }
        weak let freed = timer
        loop.run()
        timer = nil
        #expect(firings == 5)
        // libuv may look at the timers before the first turn's hook.
        #expect(turns >= 4)
        #expect(freed == nil)
    }
}
