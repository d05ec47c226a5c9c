import Foundation
import Testing

/// Three hosts in network namespaces: a client, an origin, and the gateway between them, on which Sluice runs. Each is the
/// others' default route. They vanish, rules and all, with the process that holds them.
///
///     client eth0 .2 ── 10.51.1.0/24, fd51:1::/64 ── .1 clients0 gateway origins0 .1 ── 10.51.2.0/24, fd51:2::/64 ── .2 eth0 origin
final class Gateway {
    static let origins = ["10.51.2.2", "fd51:2::2"]
    static let clients = ["10.51.1.2", "fd51:1::2"]
    /// The gateway's addresses as the origin knows them.
    static let ownAddresses = ["10.51.2.1", "fd51:2::1"]

    private let holder: ChildProcess

    private init(_ holder: ChildProcess) { self.holder = holder }

    static func with(_ body: (Gateway) throws -> Void) throws {
        try withProcess(Tool.unshare.require(), ["--net", "--mount", "sh", "-euc", setUp]) { holder in
            try holder.output.waitForLine(containing: "ready", from: holder)
            try body(Gateway(holder))
        }
    }

    /// What runs a program on one of the hosts: to be put before its command line.
    func launcher(on host: String) throws -> [String] {
        let target = ["--target", "\(holder.processIdentifier)", "--mount"]
        return [try Tool.nsenter.require()] + target + [try Tool.ip.require(), "netns", "exec", host]
    }

    /// Runs a program on a host to its end, and expects success.
    @discardableResult
    func succeed(on host: String, _ command: [String]) throws -> String {
        let whole = try launcher(on: host) + command
        return try IntegrationTests.succeed(whole[0], Array(whole.dropFirst()))
    }

    /// Loads one of the rule sets that are delivered, as it is.
    func load(_ rules: String) throws {
        try succeed(on: "gateway", [Tool.nft.require(), "-f", RuleSet.path(rules)])
    }

    /// The routes behind some of the rule sets.
    func routeMarked() throws {
        try succeed(on: "gateway", [RuleSet.path("policy-routing.sh"), "up"])
    }

    /// Runs the origin: it tells each client the address that it sees, and then sends back what it gets.
    func withOrigin(_ body: () throws -> Void) throws {
        let command = try launcher(on: "origin") + [Tool.python.require(), "-c", Self.originProgram]
        try withProcess(command[0], Array(command.dropFirst())) { origin in
            try origin.output.waitForLine(containing: "listening", from: origin)
            try body()
        }
    }

    /// Sends a megabyte to port 5432 of `address`, and takes it back. Returns the client's address as the origin saw it, or
    /// how the connection failed.
    func exchange(with address: String, from host: String = "client") throws -> String {
        try succeed(on: host, [Tool.python.require(), "-c", Self.clientProgram, address])
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Drops all that comes in by one of the gateway's interfaces, until that was so many packets, and so long, and `body` is done.
    func withStall(
        of interface: String,
        packets: Int,
        length: Duration,
        _ body: () throws -> Void
    ) throws {
        let nft = try Tool.nft.require()
        let start = ContinuousClock.now
        try succeed(on: "gateway", [nft, Self.stall(of: interface)])
        try body()
        let deadline = Deadline(after: Deadline.patience + length)
        try waitUntil("\(packets) packets to be dropped", deadline: deadline) {
            let text = try succeed(on: "gateway", [nft, "list", "counter", "inet", "stall", "dropped"])
            guard let match = text.firstMatch(of: /packets (\d+)/), let count = Int(match.output.1) else {
                throw UnexpectedAnswer(description: text)
            }
            return count >= packets && ContinuousClock.now - start >= length
        }
        try succeed(on: "gateway", [nft, "delete", "table", "inet", "stall"])
    }

    fileprivate static let refusal: String? = {
        let tools = [Tool.unshare, .nsenter, .ip, .nft, .python]
        if let missing = tools.first(where: { $0.path == nil }) { return "\(missing.name) is missing" }
        let result = try? run(Tool.unshare.require(), ["--net", Tool.nft.require(), stall(of: "lo")])
        return result?.status == 0 ? nil : "no hosts: \(result?.errors ?? "unshare does not start")"
    }()

    private static func stall(of interface: String) -> String {
        """
        table inet stall {
            counter dropped {}
            chain input {
                type filter hook input priority filter;
                iifname \(interface) counter name dropped drop
            }
        }
        """
    }

    private static let setUp = """
        mount -t tmpfs tmpfs /run
        for host in client gateway origin; do
            ip netns add $host
            ip -n $host link set lo up
        done
        ip -n gateway link add clients0 type veth peer name eth0 netns client
        ip -n gateway link add origins0 type veth peer name eth0 netns origin
        join() {
            ip -n $1 addr add $3/24 dev $2
            ip -n $1 addr add $4/64 dev $2 nodad
            ip -n $1 link set $2 up
        }
        join gateway clients0 10.51.1.1 fd51:1::1
        join gateway origins0 10.51.2.1 fd51:2::1
        join client eth0 10.51.1.2 fd51:1::2
        join origin eth0 10.51.2.2 fd51:2::2
        ip -n client route add default via 10.51.1.1
        ip -n client route add default via fd51:1::1
        ip -n origin route add default via 10.51.2.1
        ip -n origin route add default via fd51:2::1
        ip netns exec gateway sh -c '
            echo 1 > /proc/sys/net/ipv4/ip_forward
            echo 1 > /proc/sys/net/ipv6/conf/all/forwarding'
        echo ready
        exec sleep infinity
        """

    private static let originProgram = """
        import socket, threading
        def serve(peer, address):
            peer.sendall(address[0].replace("::ffff:", "").encode() + b"\\n")
            while data := peer.recv(65536):
                peer.sendall(data)
            peer.close()
        server = socket.create_server(("::", 5432), family=socket.AF_INET6, dualstack_ipv6=True)
        print("listening", flush=True)
        while True:
            threading.Thread(target=serve, args=server.accept(), daemon=True).start()
        """

    private static let clientProgram = """
        import os, socket, sys, threading
        data = os.urandom(1 << 20)
        failures = []
        def send(peer):
            try:
                peer.sendall(data)
                peer.shutdown(socket.SHUT_WR)
            except OSError as error:
                failures.append(error)
        try:
            peer = socket.create_connection((sys.argv[1], 5432), timeout=60)
            sender = threading.Thread(target=send, args=(peer,))
            sender.start()
            received = b""
            while part := peer.recv(65536):
                received += part
            sender.join()
            # The kernel tells of a reset once: to whichever call comes first.
            if failures:
                raise failures[0]
        except OSError as error:
            sys.exit(print(type(error).__name__))
        seen, _, echo = received.partition(b"\\n")
        print(seen.decode() if echo == data else "other bytes")
        """
}

extension Trait where Self == ConditionTrait {
    /// Skips a test where the hosts, or the packet filter between them, cannot be made, and says why.
    static var needsGateway: Self {
        .enabled(if: Gateway.refusal == nil || isCI, "\(Gateway.refusal ?? "")")
    }
}

/// The rule sets in deploy/nftables.
enum RuleSet {
    static func path(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "deploy/nftables/\(name)").path
    }

    /// Why this machine cannot use it: no namespaces for this user, or a kernel whose nf_tables lacks something. `nil`: it can.
    static func refusal(of name: String) -> String? {
        guard let unshare = Tool.unshare.path, let nft = Tool.nft.path else {
            return "unshare or nft is missing"
        }
        let result = try? run(unshare, ["--net", nft, "--check", "--file", path(name)])
        return result?.status == 0
            ? nil : "the kernel refuses \(name): \(result?.errors ?? "unshare does not start")"
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips a test where the kernel does not take these rule sets, and says which and why.
    static func needsRuleSets(_ names: String...) -> Self {
        let refusal = names.lazy.compactMap(RuleSet.refusal).first
        return .enabled(if: refusal == nil || isCI, "\(refusal ?? "")")
    }
}
