import Testing

@testable import SluiceCore

@Suite struct DialTargetTests {
    @Test func onlyANameIsLeftToBeResolved() {
        guard case .addresses(let literals) = DialTarget(.ip("::1", port: 7)) else {
            Issue.record("a literal is known")
            return
        }
        #expect(literals == [SocketAddress(literal: "::1", port: 7)])
        guard case .addresses([.unix("/run/x")]) = DialTarget(.unix(path: "/run/x")) else {
            Issue.record("a path is known")
            return
        }
        guard case .name("db.example", port: 7) = DialTarget(.name("db.example", port: 7)) else {
            Issue.record("a name is not")
            return
        }
    }
}
