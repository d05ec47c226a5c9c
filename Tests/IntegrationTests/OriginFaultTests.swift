import Foundation
import Synchronization
import Testing

/// An origin that fails costs its own connections, and nobody else's: see docs/faults.md.
@Suite(.serialized) struct OriginFaultTests {
    private static let count = 20

    @Test func `an origin that refuses, under load`() throws {
        try withBystanders(to: .loopback(Endpoint.freePort())) { sluice, _ in
            for _ in 0..<Self.count { try Peer.expectRejection(at: sluice.listener()) }
            try sluice.expectEnds(Self.count, "connect_refused")
        }
    }

    @Test func `an origin that swallows every SYN, under load`() throws {
        let blackHole = try BlackHole()
        try withBystanders(to: blackHole.endpoint, route: "timeouts: {connect: 300ms}") { sluice, _ in
            let clients = try (0..<Self.count).map { _ in try Peer.connect(to: sluice.listener()) }
            for client in clients { try client.waitForClose() }
            try sluice.expectEnds(Self.count, "connect_timeout")
        }
    }

    /// What had arrived before may be lost with the connection, but nothing is changed, and a cut is no end.
    @Test func `an origin that resets in mid-stream, under load`() throws {
        let origin = try Listener()
        try withBystanders(to: origin.endpoint) { sluice, _ in
            for index in 0..<Self.count {
                let (client, server) = try sluice.connect(to: origin)
                let pattern = Pattern(seed: UInt64(index))
                let sent = 1000 + 50_000 * index
                let sending = Background {
                    try server.send(pattern, 0..<sent)
                    try server.reset()
                }
                let (received, isReset) = try client.receiveWhatComes(of: pattern)
                #expect(isReset && received <= sent)
                try sending.value()
            }
            // Whichever step of Sluice's has met the reset.
            try sluice.expectEnds(Self.count, "origin_reset")
        }
    }

    /// Its answer reaches a client that is still sending, although a reset follows it at once.
    @Test func `an origin that answers early and closes, under load`() throws {
        let origin = try Listener()
        try withBystanders(to: origin.endpoint) { sluice, _ in
            for index in 0..<Self.count {
                let (client, server) = try sluice.connect(to: origin)
                let pattern = Pattern(seed: UInt64(index))
                let uploading = Background { try? client.send(pattern, 0..<64 << 20) }
                try server.receive(pattern, 0..<1000)
                try server.send("enough of this")
                server.close()
                try client.expect("enough of this")
                try client.waitForClose()
                try uploading.value()
            }
            try sluice.expectNoneLeft()
        }
    }

    @Test func `an origin that half-closes for ever, under load`() throws {
        let origin = try Listener()
        let timeouts = "timeouts: {idle: never, half_closed: 300ms}"
        try withBystanders(to: origin.endpoint, route: timeouts) { sluice, _ in
            let pairs = try (0..<Self.count).map { _ in
                let pair = try sluice.connect(to: origin)
                try pair.client.roundTrip(through: pair.server)
                pair.server.closeWrite()
                return pair
            }
            for (client, server) in pairs {
                try client.expectEnd()
                try server.waitForClose()
            }
            try sluice.expectEnds(Self.count, "half_closed_timeout")
        }
    }

    /// SIGKILL in the midst of requests: every client learns of it, none gets a wrong answer, and the next origin on the same
    /// port is found.
    @Test(.needs(.redisServer)) func `an origin that is killed under load`() throws {
        let redis = Endpoint.loopback(try Endpoint.freePort())
        try withBystanders(to: redis) { sluice, _ in
            let address = try sluice.listener()
            let answers = Answers()
            try withRedis(on: redis) { child in
                let clients = (0..<8).map { index in
                    Background { try Self.askUntilItEnds(Peer.connect(to: address), key: index, answers) }
                }
                try waitUntil("answers") { answers.count.load(ordering: .relaxed) > 200 }
                child.signal(SIGKILL)
                for client in clients { try client.value() }
            }
            try sluice.expectNoneLeft()
            try Peer.expectRejection(at: address)
            try withRedis(on: redis) { _ in
                let client = try Peer.connect(to: address)
                try client.sendCommand("PING")
                try client.expect("+PONG\r\n")
            }
        }
    }

    private final class Answers: Sendable {
        let count = Atomic<Int>(0)
    }

    /// Sets a value and gets it back, again and again. Returns when the connection ends, in whichever way; throws when an answer
    /// is not the right one as far as it came.
    private static func askUntilItEnds(_ client: Peer, key: Int, _ answers: Answers) throws {
        for round in 0... {
            let value = "\(key):\(round):" + String(repeating: "x", count: round % 5000)
            do {
                try client.sendCommand("SET", "key\(key)", value)
                try client.sendCommand("GET", "key\(key)")
                let expected = "+OK\r\n$\(value.utf8.count)\r\n\(value)\r\n"
                let answer = String(decoding: try client.receive(exactly: expected.utf8.count), as: UTF8.self)
                guard expected.hasPrefix(answer) else {
                    throw UnexpectedAnswer(description: "'\(answer)' instead of '\(expected)'")
                }
                if answer.utf8.count < expected.utf8.count { return }
                answers.count.wrappingAdd(1, ordering: .relaxed)
            } catch let error as SocketError where error.isReset {
                return
            }
        }
    }
}
