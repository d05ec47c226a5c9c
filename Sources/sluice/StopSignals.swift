@preconcurrency import Dispatch
import Glibc

/// SIGTERM and SIGINT: the first asks for an orderly end, a second ends the process at once.
final class StopSignals: Sendable {
    private let sources: [any DispatchSourceSignal]
    private let stream: AsyncStream<Int32>

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.stream = stream
        sources = [SIGTERM, SIGINT].map { number in
            // The default action would end the process before anybody hears of it.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return source
        }
    }

    /// Waits for the first signal. From then on, the next one ends the process with 128 plus its number.
    @discardableResult
    func first() async -> Int32 {
        var iterator = stream.makeAsyncIterator()
        let number = await iterator.next() ?? SIGTERM
        // Holds on to the sources: the signals are ignored but for them.
        Task.detached { [self] in
            for await number in stream { ExitStatus.killed(by: number) }
        }
        return number
    }
}

/// Standard output is fully buffered in a pipe: without this, whoever reads it would wait.
func flushOutput() {
    fflush(nil)
}
