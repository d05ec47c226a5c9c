import Testing

@testable import SluiceCore

@Suite struct DialTargetTests {
    @Test func onlyANameIsLeftToBeResolved() {
        guard case .addresses(let literals) = DialTarget(OriginAddress(.ip("::1", port: 7))) else {
            Issue.record("a literal is known")
            return
        }
        #expect(literals == [SocketAddress(literal: "::1", port: 7)])
        guard case .addresses([.unix("/run/x")]) = DialTarget(OriginAddress(.unix(path: "/run/x"))) else {
            Issue.record("a path is known")
            return
        }
        guard
            case .name(.host("db.example", port: 7)) = DialTarget(OriginAddress(.name("db.example", port: 7)))
        else {
            Issue.record("a name is not")
            return
        }
        guard
            case .name(.service("_db._tcp.example")) = DialTarget(OriginAddress(service: "_db._tcp.example"))
        else {
            Issue.record("a service is not, either")
            return
        }
    }
}
