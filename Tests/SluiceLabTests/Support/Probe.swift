import Foundation
import Testing

@testable import SluiceLab

/// Whether this machine can run the lab. Where CI is set it must, and the tests fail; elsewhere they are skipped.
enum LabMachine {
    static let refusal: String? = {
        do {
            let network = try LabNetwork(links: [LinkSpecification()])
            network.tearDown()
            return nil
        } catch {
            return "\(error)"
        }
    }()

    static let runsTests: Bool = {
        if let refusal { print("lab tests are skipped: \(refusal)") }
        return refusal == nil || ProcessInfo.processInfo.environment["CI"] != nil
    }()
}

/// A UDP socket in a host of the lab. Closes it when it goes.
final class Probe {
    private let descriptor: Int32
    let port: UInt16

    /// Bound to a free port, with room for many packets, giving up on a packet after `patience`.
    init(on host: LabHost, patience: Duration = .seconds(5)) throws {
        let descriptor = try host.socket(domain: AF_INET, type: Int32(SOCK_DGRAM.rawValue))
        self.descriptor = descriptor
        var room: Int32 = 8 << 20
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &room, 4)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &room, 4)
        var address = Self.address("0.0.0.0", 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        try #require(bound)
        try set(patience: patience)
        // The first question turns the stamps on, and has no answer yet.
        _ = stamp()
    }

    deinit { close(descriptor) }

    func set(patience: Duration) throws {
        let (seconds, attoseconds) = patience.components
        var time = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        try #require(
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size)) == 0
        )
    }

    /// Sends a packet of `bytes` IP bytes (28 of them headers) with a number in it.
    func send(_ number: UInt32, bytes: Int, to host: LabHost, port: UInt16) throws {
        var payload = [UInt8](repeating: 0, count: bytes - 28)
        withUnsafeBytes(of: number.bigEndian) { payload.replaceSubrange(0..<4, with: $0) }
        var address = Self.address(host.address, port)
        let sent = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, payload, payload.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(sent == payload.count)
    }

    /// The next packet's number; nil when none comes in time.
    func receive() -> UInt32? {
        var payload = [UInt8](repeating: 0, count: 2048)
        let count = recv(descriptor, &payload, payload.count, 0)
        guard count >= 4 else { return nil }
        return payload[0..<4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// When the kernel got the packet that was received last, nanoseconds: without the reader's own wake-up.
    func lastStamp() throws -> Int {
        try #require(stamp())
    }

    private func stamp() -> Int? {
        // SIOCGSTAMPNS_OLD of <asm-generic/sockios.h>: a struct timespec.
        let request: UInt = 0x8907
        var stamp = timespec()
        guard ioctl(descriptor, request, &stamp) == 0 else { return nil }
        return stamp.tv_sec * 1_000_000_000 + stamp.tv_nsec
    }

    private static func address(_ host: String, _ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return address
    }
}

/// A network that is torn down, whatever happens.
func withNetwork<Result>(
    _ links: String...,
    congestionControl: String? = nil,
    _ body: (LabNetwork) throws -> Result
) throws -> Result {
    let network = try LabNetwork(
        links: links.map { try LinkSpecification(parsing: $0) },
        congestionControl: congestionControl
    )
    defer { network.tearDown() }
    return try body(network)
}
