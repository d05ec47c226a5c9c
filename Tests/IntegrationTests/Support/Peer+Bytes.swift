// Sending and receiving: small things as arrays and strings, large ones as stretches of a `Pattern`.

import Glibc

extension Peer {
    func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try sendAll($0) }
    }

    /// Sends `range` of the pattern.
    func send(_ pattern: Pattern, _ range: Range<Int>) throws {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = min(Pattern.chunkCeiling, range.upperBound - offset)
            try pattern.withBytes(at: offset, count: count) { try sendAll($0) }
            offset += count
        }
    }

    /// Hands the kernel what it takes at once of `range`, in one call. Returns how many bytes that were: 0 when the
    /// send buffer is full.
    func sendWhatFits(_ pattern: Pattern, _ range: Range<Int>) throws -> Int {
        let count = min(Pattern.chunkCeiling, range.count)
        return try pattern.withBytes(at: range.lowerBound, count: count) { try sendOnce($0) }
    }

    /// What arrives next, at most `count` bytes of it. Empty at the end of the stream. Throws a `SocketError` whose
    /// `isReset` is true when the other side reset the connection.
    func receive(upTo count: Int = 64 << 10) throws -> [UInt8] {
        try waitForEvents(POLLIN, what: "bytes")
        return try [UInt8](unsafeUninitializedCapacity: count) { room, filled in
            filled = try receiveOnce(UnsafeMutableRawBufferPointer(room)) ?? 0
        }
    }

    /// Exactly `count` bytes, or fewer when the stream ends before.
    func receive(exactly count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try receive(upTo: count - bytes.count)
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }

    /// As many bytes as `text` has, as text.
    func receive(sameLengthAs text: String) throws -> String {
        String(decoding: try receive(exactly: text.utf8.count), as: UTF8.self)
    }

    /// Everything until the end of the stream.
    func receiveToEnd() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let more = try receive()
            if more.isEmpty { return bytes }
            bytes += more
        }
    }

    /// Receives `range` of the pattern and throws unless it is exactly that.
    func receive(_ pattern: Pattern, _ range: Range<Int>) throws {
        var offset = range.lowerBound
        try withUnsafeTemporaryAllocation(byteCount: Pattern.chunkCeiling, alignment: 8) { room in
            while offset < range.upperBound {
                try waitForEvents(POLLIN, what: "byte \(offset) of \(range.upperBound)")
                let wanted = UnsafeMutableRawBufferPointer(rebasing: room.prefix(range.upperBound - offset))
                guard let count = try receiveOnce(wanted) else { continue }
                guard count > 0 else { throw StreamEnded(offset: offset, expected: range.upperBound) }
                try pattern.check(UnsafeRawBufferPointer(rebasing: room[..<count]), at: offset)
                offset += count
            }
        }
    }

    /// Receives, and checks, what comes of the pattern until the stream ends. Returns how much that was, and whether a reset
    /// ended it.
    func receiveWhatComes(of pattern: Pattern) throws -> (count: Int, isReset: Bool) {
        var offset = 0
        do {
            while true {
                let bytes = try receive()
                if bytes.isEmpty { return (offset, false) }
                try bytes.withUnsafeBytes { try pattern.check($0, at: offset) }
                offset += bytes.count
            }
        } catch let error as SocketError where error.isReset {
            return (offset, true)
        }
    }

    /// Waits for the end of the stream; throws when bytes or a reset come instead.
    func expectEnd() throws {
        let bytes = try receive(upTo: 1)
        if !bytes.isEmpty { throw UnexpectedBytes() }
    }

    /// Waits for the next byte or the end, takes nothing, and says which it is.
    func isAtEnd() throws -> Bool {
        try waitForEvents(POLLIN, what: "bytes or the end")
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK))
        guard count >= 0 else { throw SocketError(call: "recv", code: errno) }
        return count == 0
    }

    /// Whether a reset ends the stream, and not a FIN. Reads away what comes before it.
    func endsInReset() throws -> Bool {
        do {
            while try !receive().isEmpty {}
            return false
        } catch let error as SocketError where error.isReset {
            return true
        }
    }

    /// Waits until the connection is over, in whichever way.
    func waitForClose() throws {
        _ = try endsInReset()
    }

    /// Connects to a proxy that cannot serve this client, and waits until it has said so: maybe before the connection
    /// was noticed to be there.
    static func expectRejection(at endpoint: Endpoint, from source: String? = nil) throws {
        do {
            try connect(to: endpoint, from: source).waitForClose()
        } catch let error as SocketError where error.isReset {}
    }

    private func sendAll(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = try sendOnce(rest)
            if count == 0 { try waitForEvents(POLLOUT, what: "room in the send buffer") }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        }
    }

    func sendOnce(_ bytes: UnsafeRawBufferPointer) throws -> Int {
        let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        if count >= 0 { return count }
        guard errno == EAGAIN || errno == EINTR else { throw SocketError(call: "send", code: errno) }
        return 0
    }

    /// `nil` when nothing is there yet, 0 at the end of the stream.
    func receiveOnce(_ room: UnsafeMutableRawBufferPointer) throws -> Int? {
        let count = recv(descriptor, room.baseAddress, room.count, 0)
        if count >= 0 { return count }
        guard errno == EAGAIN || errno == EINTR else { throw SocketError(call: "recv", code: errno) }
        return nil
    }
}

/// The stream ended before everything had come.
struct StreamEnded: Error, CustomStringConvertible {
    let offset: Int
    let expected: Int
    var description: String { "the stream ended at byte \(offset) of \(expected)" }
}

/// Bytes came where the stream should have ended.
struct UnexpectedBytes: Error {}
