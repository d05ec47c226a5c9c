import Foundation
import Testing

@testable import SluiceLab

/// The lab as a whole: real packets through real devices. But for one median of rates, nothing here depends on how fast the
/// machine is; the lab's accuracy in time is measured by `make bench-lab`.
@Suite(.serialized, .enabled(if: LabMachine.runsTests))
struct NetworkTests {
    @Test("a packet that does not fit the queue is dropped, to the byte")
    func dropTail() throws {
        // So slow that nothing leaves the queue while the packets come: a packet takes 12 s.
        try withNetwork("rate=1kbit,delay=1ms,queue=15000B") { network in
            let sender = try Probe(on: network.host(0))
            for number in 0..<20 {
                try sender.send(UInt32(number), bytes: 1500, to: network.host(1), port: 9)
            }
            let up = try settled(network, arrived: 20)
            // One is on the wire and ten wait.
            #expect(up.dropped.queueFull == 9)
            #expect(up.maximumQueuedBytes == 15_000)
            #expect(up.dropped.emulator == 0)
        }
    }

    @Test("every packet is accounted for: received, lost by the link's dice, or dropped by its queue")
    func lossIsAccountedFor() throws {
        try withNetwork("loss=10%,seed=5") { network in
            let sender = try Probe(on: network.host(0))
            let receiver = try Probe(on: network.host(1))
            let count = 2000
            var received: [UInt32] = []
            for batch in 0..<(count / 100) {
                for number in 0..<100 {
                    try sender.send(
                        UInt32(batch * 100 + number),
                        bytes: 200,
                        to: network.host(1),
                        port: receiver.port
                    )
                }
                let up = try settled(network, arrived: (batch + 1) * 100)
                while received.count < up.deliveredPackets {
                    received.append(try #require(receiver.receive()))
                }
            }
            let up = network.link(0).statistics().up.total
            #expect(up.arrivedPackets == count)
            #expect(received.count + up.dropped.loss == count)
            #expect(received == received.sorted())
            // Exactly those that the model loses with this seed.
            var model = try ModelDriver("loss=10%,seed=5")
            model.run(steady(count, every: 1000, bytes: 200))
            #expect(received == model.delivered.map { UInt32($0.packet.handle) })
        }
    }

    @Test("a delay is never shorter than asked, there and back")
    func delay() throws {
        try withNetwork("up.delay=20ms,down.delay=5ms") { network in
            let first = try Probe(on: network.host(0))
            let second = try Probe(on: network.host(1))
            var times: [Duration] = []
            for number in 0..<20 {
                let start = ContinuousClock.now
                try first.send(UInt32(number), bytes: 100, to: network.host(1), port: second.port)
                try #require(second.receive() == UInt32(number))
                let there = ContinuousClock.now
                try second.send(UInt32(number), bytes: 100, to: network.host(0), port: first.port)
                try #require(first.receive() == UInt32(number))
                #expect(there - start >= .milliseconds(20))
                times.append(ContinuousClock.now - start)
            }
            #expect(times.allSatisfy { $0 >= .milliseconds(25) })
        }
    }

    @Test("a rate is never exceeded, and packets stay in order under jitter")
    func rate() throws {
        try withNetwork("rate=12mbit,delay=2ms,jitter=5ms,queue=1MB") { network in
            let sender = try Probe(on: network.host(0))
            let receiver = try Probe(on: network.host(1))
            let start = ContinuousClock.now
            for number in 0..<200 {
                try sender.send(UInt32(number), bytes: 1500, to: network.host(1), port: receiver.port)
            }
            for number in 0..<200 { try #require(receiver.receive() == UInt32(number)) }
            // A millisecond each.
            #expect(ContinuousClock.now - start >= .milliseconds(202))
        }
    }

    @Test("a rate is kept in real time", arguments: [LinkDirection.up, .down])
    func rateInRealTime(direction: LinkDirection) throws {
        try withNetwork("rate=20mbit,delay=2ms,queue=2MB") { network in
            let hosts = direction == .up ? network.hosts : network.hosts.reversed()
            let sender = try Probe(on: hosts[0])
            let receiver = try Probe(on: hosts[1])
            let count = 500
            // A machine may stall during one attempt, or two.
            let errors = try (0..<5).map { _ in
                for number in 0..<count {
                    try sender.send(UInt32(number), bytes: 1500, to: hosts[1], port: receiver.port)
                }
                var stamps: [Int] = []
                for number in 0..<count {
                    try #require(receiver.receive() == UInt32(number))
                    stamps.append(try receiver.lastStamp())
                }
                let exact = Double((count - 1) * 1500 * 8) / 20e6
                return Double(stamps[count - 1] - stamps[0]) / 1e9 / exact - 1
            }
            #expect(abs(errors.sorted()[2]) < 0.03, "\(errors)")
        }
    }

    @Test("three hosts stand in a chain, and the ends reach each other through the middle")
    func threeHosts() throws {
        try withNetwork("delay=5ms", "delay=7ms") { network in
            #expect(network.hosts.map(\.address) == ["10.77.0.1", "10.77.0.2", "10.77.1.2"])
            let first = try Probe(on: network.host(0))
            let last = try Probe(on: network.host(2))
            let start = ContinuousClock.now
            try first.send(1, bytes: 100, to: network.host(2), port: last.port)
            try #require(last.receive() == 1)
            #expect(ContinuousClock.now - start >= .milliseconds(12))
            try last.send(2, bytes: 100, to: network.host(0), port: first.port)
            try #require(first.receive() == 2)
        }
    }

    @Test("nothing leaves the lab, and nothing gets in")
    func isolation() throws {
        try withNetwork("delay=1ms") { network in
            let file = try network.host(0).open("/proc/net/dev")
            defer { close(file) }
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = read(file, &bytes, bytes.count)
            let names = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").dropFirst(2)
                .compactMap { $0.split(separator: ":").first?.trimmingCharacters(in: .whitespaces) }
            #expect(
                Set(names).isSubset(of: [
                    "lo", "link0", "tunl0", "sit0", "ip6tnl0", "gre0", "gretap0", "erspan0",
                ])
            )
        }
    }

    @Test("restarting the clock starts the statistics anew")
    func restart() throws {
        try withNetwork("delay=1ms") { network in
            let sender = try Probe(on: network.host(0))
            try sender.send(0, bytes: 100, to: network.host(1), port: 9)
            _ = try settled(network, arrived: 1)
            network.link(0).restartClock()
            #expect(network.link(0).statistics().up.total.arrivedPackets == 0)
        }
    }

    @Test("an impossible congestion control is refused with what is allowed")
    func congestionControl() throws {
        let error = #expect(throws: LabError.self) {
            try LabNetwork(links: [LinkSpecification()], congestionControl: "carrier-pigeon")
        }
        #expect(error?.description.contains("reno") == true)
        try withNetwork("delay=1ms", congestionControl: "reno") { network in
            let output = try run(network, "cat /proc/sys/net/ipv4/tcp_congestion_control")
            #expect(output == "reno\n")
        }
    }

    @Test("a program runs in its host, with its environment, and its exit is told")
    func spawn() throws {
        try withNetwork("delay=1ms") { network in
            #expect(try run(network, "echo $WHO", environment: ["WHO": "me"]) == "me\n")
            let ended = try network.spawn("/bin/sh", ["-c", "exit 7"], on: network.host(1))
            #expect(ended.wait(for: .seconds(20)) == .exited(7))
            let killed = try network.spawn("sleep", ["60"], on: network.host(1))
            #expect(killed.result == nil)
            #expect(killed.terminate() == .killed(signal: SIGTERM))
        }
    }

    @Test("a program that ignores the request to end is killed")
    func stubbornProgram() throws {
        try withNetwork("delay=1ms") { network in
            try withTemporaryFile { file in
                let program = "trap '' TERM; echo ready; while :; do sleep 60; done"
                let stubborn = try network.spawn(
                    "/bin/sh",
                    ["-c", program],
                    on: network.host(1),
                    output: .file(path: file.path)
                )
                try waitUntil { try String(contentsOf: file, encoding: .utf8) == "ready\n" }
                #expect(stubborn.terminate(patience: .milliseconds(1)) == .killed(signal: SIGKILL))
            }
        }
    }

    @Test("a program that is not there is an error that names it")
    func missingProgram() throws {
        try withNetwork("delay=1ms") { network in
            for name in ["no-such-program-here", "/no/such/program"] {
                let error = #expect(throws: LabError.self) { try network.spawn(name, on: network.host(0)) }
                #expect(error?.description.contains(name) == true)
            }
        }
    }

    @Test("tearing down ends every program with its children, and closes every descriptor")
    func tearDown() throws {
        try #require(labDescriptors() == 0)
        let group = try withTemporaryFile { file in
            try withNetwork("delay=1ms", "delay=1ms") { network in
                let process = try network.spawn(
                    "/bin/sh",
                    ["-c", "sleep 60 & echo ready; wait"],
                    on: network.host(1),
                    output: .file(path: file.path)
                )
                try waitUntil { try String(contentsOf: file, encoding: .utf8) == "ready\n" }
                return process.pid
            }
        }
        // Killed, and now for init to reap.
        try waitUntil { kill(-group, 0) != 0 && errno == ESRCH }
        #expect(try labDescriptors() == 0)
    }

    /// Descriptors of this process that only the lab opens.
    private func labDescriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
            let target =
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) ?? ""
            return target.contains("net/tun") || target.contains("net:[") || target.contains("pidfd")
        }
    }

    /// The direction up, once the emulator has seen so many packets, and has settled those that it can.
    private func settled(_ network: LabNetwork, arrived count: Int) throws -> DirectionStatistics {
        let link = network.link(0)
        try waitUntil {
            let up = link.statistics().up.total
            return up.arrivedPackets >= count
                && (link.specification.roundTripTime > .zero
                    || up.arrivedPackets == up.deliveredPackets + up.dropped.total)
        }
        return link.statistics().up.total
    }

    /// What a shell command in host a says.
    private func run(_ network: LabNetwork, _ text: String, environment: [String: String] = [:]) throws
        -> String
    {
        try withTemporaryFile { file in
            let process = try network.spawn(
                "/bin/sh",
                ["-c", text],
                environment: environment,
                on: network.host(0),
                output: .file(path: file.path)
            )
            #expect(process.wait(for: .seconds(20)) == .exited(0))
            return try String(contentsOf: file, encoding: .utf8)
        }
    }
}
