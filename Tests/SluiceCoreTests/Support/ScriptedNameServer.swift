import Glibc

@testable import SluiceCore

/// A name server on loopback (UDP) that answers as a test tells it to.
final class ScriptedNameServer: Sendable {
    enum RecordType: UInt16 {
        case a = 1
        case aaaa = 28
        case srv = 33
    }

    struct Question: Sendable {
        let name: String
        /// `nil`: one that no test asks for.
        let type: RecordType?
        /// Questions of this type for this name before this one.
        let earlier: Int
    }

    enum Answer: Sendable {
        /// IPv4 addresses, and how long they live in seconds.
        case addresses([String], timeToLive: UInt32)
        case services([(priority: UInt16, weight: UInt16, port: UInt16, host: String)], timeToLive: UInt32)
        /// A response code: 2 is SERVFAIL, 3 NXDOMAIN. 0 without a record: the name has none of the type.
        case code(UInt16)
        case silence
        /// These bytes, behind the question's identifier.
        case bytes([UInt8])
        /// An answer to another question than the one that was asked: a spoofed one.
        case forged([String])
    }

    /// As c-ares takes it.
    let address: String
    private let descriptor: Int32
    private let counts = Locked<[String: Int]>([:])

    init(_ script: @escaping @Sendable (Question) -> Answer) {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let any = SocketAddress(literal: "127.0.0.1", port: 0)!
        precondition(any.withSockaddr { bind(descriptor, $0, $1) } == 0)
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let bound = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = getsockname(descriptor, $0, &length)
            }
            return SocketAddress(UnsafeRawPointer(pointer), length: length)!
        }
        address = bound.description
        self.descriptor = descriptor
        let counts = counts
        LoopThread.start(name: "name-server") { Self.serve(descriptor, counts, script) }
    }

    /// Ends the thread, which closes the socket.
    func stop() {
        guard case .ip(let host, let port)? = try? Address(parsing: address) else { return }
        _ = SocketAddress(literal: host, port: port)!.withSockaddr { sendto(descriptor, nil, 0, 0, $0, $1) }
    }

    func questions(for name: String, _ type: RecordType) -> Int {
        counts.withLock { $0["\(name) \(type.rawValue)", default: 0] }
    }

    private static func serve(
        _ descriptor: Int32,
        _ counts: Locked<[String: Int]>,
        _ script: (Question) -> Answer
    ) {
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 1500)
        while true {
            var peer = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let count = withUnsafeMutablePointer(to: &peer) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
                }
            }
            guard count > 12 else { return }
            guard let reply = reply(to: Array(buffer[..<count]), counts, script) else { continue }
            withUnsafePointer(to: &peer) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = sendto(descriptor, reply, reply.count, 0, $0, length)
                }
            }
        }
    }

    private static func reply(
        to query: [UInt8],
        _ counts: Locked<[String: Int]>,
        _ script: (Question) -> Answer
    ) -> [UInt8]? {
        // One question: labels, each with its length before it, then type and class.
        var (labels, place) = ([String](), 12)
        while query[place] != 0 {
            let end = place + 1 + Int(query[place])
            labels.append(String(decoding: query[place + 1..<end], as: UTF8.self))
            place = end
        }
        let name = labels.joined(separator: ".").lowercased()
        let number = UInt16(query[place + 1]) << 8 | UInt16(query[place + 2])
        let earlier = counts.withLock { counts in
            defer { counts["\(name) \(number)", default: 0] += 1 }
            return counts["\(name) \(number)", default: 0]
        }
        let asked = Array(query[12..<place + 5])
        let identifier = Array(query[..<2])
        switch script(Question(name: name, type: RecordType(rawValue: number), earlier: earlier)) {
        case .silence: return nil
        case .bytes(let bytes): return identifier + bytes
        case .code(let code): return identifier + message(code, asked, records: [])
        case .addresses(let addresses, let timeToLive):
            let records = addresses.map { record(.a, timeToLive, ipv4($0)) }
            return identifier + message(0, asked, records: records)
        case .services(let services, let timeToLive):
            let records = services.map { service in
                let numbers = [service.priority, service.weight, service.port].flatMap { bigEndian($0) }
                return record(.srv, timeToLive, numbers + encoded(service.host))
            }
            return identifier + message(0, asked, records: records)
        case .forged(let addresses):
            let records = addresses.map { record(.a, 3600, ipv4($0)) }
            let other = encoded("forged.test") + [0, 1, 0, 1]
            return [identifier[0] ^ 0xff, identifier[1]] + message(0, other, records: records)
        }
    }

    /// All of a response but its identifier: recursion was desired and is available, one question.
    private static func message(_ code: UInt16, _ question: [UInt8], records: [[UInt8]]) -> [UInt8] {
        let header = bigEndian(0x8180 | code) + [0, 1] + bigEndian(UInt16(records.count)) + [0, 0, 0, 0]
        return header + question + records.joined()
    }

    /// Its name is a pointer to the question's.
    private static func record(_ type: RecordType, _ timeToLive: UInt32, _ data: [UInt8]) -> [UInt8] {
        let lifetime = bigEndian(UInt16(timeToLive >> 16)) + bigEndian(UInt16(timeToLive & 0xffff))
        return [0xc0, 12] + bigEndian(type.rawValue) + [0, 1] + lifetime + bigEndian(UInt16(data.count))
            + data
    }

    private static func encoded(_ name: String) -> [UInt8] {
        name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }

    private static func ipv4(_ text: String) -> [UInt8] { text.split(separator: ".").map { UInt8($0)! } }

    private static func bigEndian(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xff)] }
}
