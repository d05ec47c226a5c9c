@preconcurrency import Dispatch
import Glibc

/// SIGTERM and SIGINT: the first asks for an orderly end, a second ends the process at once. A service hears of other
/// signals, too.
final class StopSignals: Sendable {
    private static let stops = [SIGTERM, SIGINT]
    private let sources: [any DispatchSourceSignal]
    private let stream: AsyncStream<Int32>

    init(and others: [Int32] = []) {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.stream = stream
        let registrations = DispatchGroup()
        sources = (Self.stops + others).map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(number) }
            registrations.enter()
            source.setRegistrationHandler { registrations.leave() }
            source.resume()
            return source
        }
        // Dispatch registers them on a thread of its own, which may come late: until then a signal has its default action, and
        // were it ignored instead, it would be lost.
        registrations.wait()
    }

    /// Waits for the first signal to stop, and hands those before it to `others`, one after the other, until it says that
    /// one of them is the end, too. From then on, the next one to stop ends the process with 128 plus its number.
    @discardableResult
    func first(others: (Int32) async -> Bool = { _ in false }) async -> Int32 {
        var iterator = stream.makeAsyncIterator()
        while let number = await iterator.next() {
            let isOther = !Self.stops.contains(number)
            if isOther, await !others(number) { continue }
            endAtNext()
            return number
        }
        return SIGTERM
    }

    private func endAtNext() {
        // Holds on to the sources: the signals are ignored but for them.
        Task.detached { [self] in
            for await number in stream where Self.stops.contains(number) { ExitStatus.killed(by: number) }
        }
    }
}

/// Standard output is fully buffered in a pipe: without this, whoever reads it would wait.
func flushOutput() {
    fflush(nil)
}
