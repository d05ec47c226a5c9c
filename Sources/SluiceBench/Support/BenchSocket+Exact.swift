import SluiceCore

/// Why a whole message did not pass.
enum ExchangeError: Error {
    /// The peer closed before, or in the middle of it.
    case closed
    case failed(SystemError)
    case timedOut
    /// The run ended while it was under way.
    case stopped
}

// Whole messages: everything or an error.
extension BenchSocket {
    /// Fills `buffer`. `started` says whether an end of file before the first byte would be one in the middle.
    func receiveAll(
        into buffer: UnsafeMutableRawBufferPointer,
        until deadline: UInt64,
        unless stop: Gate? = nil
    ) throws(ExchangeError) {
        var filled = 0
        while filled < buffer.count {
            switch receive(into: .init(rebasing: buffer[filled...])) {
            case .bytes(let count): filled += count
            case .tick: try Self.check(deadline, stop)
            case .endOfFile: throw .closed
            case .failed(let error): throw .failed(error)
            }
        }
    }

    func sendAll(
        _ bytes: UnsafeRawBufferPointer,
        until deadline: UInt64,
        unless stop: Gate? = nil
    ) throws(ExchangeError) {
        var sent = 0
        while sent < bytes.count {
            switch send(.init(rebasing: bytes[sent...])) {
            case .bytes(let count): sent += count
            case .tick: try Self.check(deadline, stop)
            case .endOfFile: throw .closed
            case .failed(let error): throw .failed(error)
            }
        }
    }

    func receive(count: Int, until deadline: UInt64, unless stop: Gate? = nil) throws(ExchangeError)
        -> [UInt8]
    {
        var bytes = [UInt8](repeating: 0, count: count)
        // The closure of a pointer call cannot throw a typed error: carry it out.
        var failure: ExchangeError?
        bytes.withUnsafeMutableBytes { buffer in
            do throws(ExchangeError) {
                try receiveAll(into: buffer, until: deadline, unless: stop)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    func send(_ bytes: [UInt8], until deadline: UInt64, unless stop: Gate? = nil) throws(ExchangeError) {
        var failure: ExchangeError?
        bytes.withUnsafeBytes { buffer in
            do throws(ExchangeError) {
                try sendAll(buffer, until: deadline, unless: stop)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    private static func check(_ deadline: UInt64, _ stop: Gate?) throws(ExchangeError) {
        if let stop, stop.isOpen { throw .stopped }
        if BenchClock.now >= deadline { throw .timedOut }
    }
}
