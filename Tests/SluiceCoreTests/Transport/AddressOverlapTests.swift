import Testing

@testable import SluiceCore

@Suite struct AddressOverlapTests {
    @Test(arguments: [
        ("127.0.0.1:1", ":1"), ("127.0.0.1:1", "0.0.0.0:1"), ("[::1]:1", ":1"), ("127.9.9.9:1", ":1"),
        ("localhost:1", "127.0.0.1:1"), ("LocalHost:1", "[::1]:1"), ("localhost:1", "0.0.0.0:1"),
        ("127.0.0.1:1", "localhost:1"), ("0.0.0.0:1", "127.0.0.1:1"), ("[::]:1", "[::1]:1"),
        ("0.0.0.0:1", ":1"), ("[::ffff:127.0.0.1]:1", "127.0.0.1:1"), ("127.0.0.1:1", "[::ffff:127.0.0.1]:1"),
        ("[0::1]:1", "[::1]:1"), ("db:1", "DB:1"), ("10.0.0.1:1", "10.0.0.1:1"), ("unix:/a", "unix:/a"),
    ])
    func aConnectThatComesBackIsSeen(target: String, listener: String) throws {
        #expect(try Address(parsing: target).leads(to: Address(parsing: listener)))
    }

    /// Another host may be behind a name, and this host's other addresses are not known.
    @Test(arguments: [
        ("127.0.0.1:1", ":2"), ("127.0.0.1:1", "127.0.0.2:1"), ("[::1]:1", "0.0.0.0:1"),
        ("[::1]:1", "127.0.0.1:1"), ("10.0.0.1:1", ":1"), ("db:1", ":1"), ("db:1", "localhost:1"),
        ("localhost:1", "127.0.0.2:1"), ("localhost:1", "10.0.0.1:1"), ("127.0.0.2:1", "localhost:1"),
        ("unix:/a", ":1"), ("127.0.0.1:1", "unix:/a"), ("unix:/a", "unix:/b"),
    ])
    func whatLeadsElsewhereIsLeftAlone(target: String, listener: String) throws {
        #expect(try !Address(parsing: target).leads(to: Address(parsing: listener)))
    }

    @Test func everyInterfaceIsOnePlaceWhateverTheFamily() throws {
        let places = try ["0.0.0.0:1", ":1", "[0::0]:1"].map { try Address(parsing: $0).listeningPlace }
        #expect(Set(places).count == 1)
        let others = try ["0.0.0.0:2", "127.0.0.1:1", "[::1]:1", "localhost:1", "unix:/a"].map {
            try Address(parsing: $0).listeningPlace
        }
        #expect(Set(others + places).count == 6)
    }
}
