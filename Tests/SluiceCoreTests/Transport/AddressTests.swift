import SluiceRandom
import Testing

@testable import SluiceCore

@Suite struct AddressTests {
    @Test(arguments: [
        ("127.0.0.1:5432", Address.ip("127.0.0.1", port: 5432)),
        ("0.0.0.0:0", .ip("0.0.0.0", port: 0)),
        ("[::1]:5432", .ip("::1", port: 5432)),
        ("[2001:db8::7]:65535", .ip("2001:db8::7", port: 65535)),
        ("[::ffff:192.0.2.1]:1", .ip("::ffff:192.0.2.1", port: 1)),
        (":5432", .ip("::", port: 5432)),
        ("db.example:5432", .name("db.example", port: 5432)),
        ("localhost:1", .name("localhost", port: 1)),
        ("my_service-2:80", .name("my_service-2", port: 80)),
        ("1a:80", .name("1a", port: 80)),
        ("unix:/run/sluice.sock", .unix(path: "/run/sluice.sock")),
        ("unix:/run/odd:5432", .unix(path: "/run/odd:5432")),
    ])
    func everyFormIsRead(text: String, expected: Address) throws {
        let address = try Address(parsing: text)
        #expect(address == expected)
        #expect(try Address(parsing: address.description) == address)
    }

    @Test(arguments: [
        ("", "it has no port"),
        ("localhost", "it has no port"),
        ("127.0.0.1", "it has no port"),
        ("127.0.0.1:", "the port is a number from 0 to 65535"),
        ("127.0.0.1:65536", "the port is a number from 0 to 65535"),
        ("127.0.0.1:+1", "the port is a number from 0 to 65535"),
        ("127.0.0.1:-1", "the port is a number from 0 to 65535"),
        ("127.0.0.1:８０", "the port is a number from 0 to 65535"),
        ("127.0.0.1: 80", "the port is a number from 0 to 65535"),
        ("::1:5432", "an IPv6 address stands in brackets"),
        ("[::1]", "the port is a number from 0 to 65535"),
        ("[::g]:80", "the brackets do not hold an IPv6 address"),
        ("[127.0.0.1]:80", "the brackets do not hold an IPv6 address"),
        ("[::1:80", "the brackets do not hold an IPv6 address"),
        ("[]:80", "the brackets do not hold an IPv6 address"),
        ("256.0.0.1:80", "'256.0.0.1' is neither an address nor a host name"),
        ("1.2.3:80", "'1.2.3' is neither an address nor a host name"),
        ("a..b:80", "'a..b' is neither an address nor a host name"),
        ("-a:80", "'-a' is neither an address nor a host name"),
        ("a-.b:80", "'a-.b' is neither an address nor a host name"),
        ("a b:80", "'a b' is neither an address nor a host name"),
        ("höst:80", "'höst' is neither an address nor a host name"),
        ("unix:", "a Unix socket's path is absolute"),
        ("unix:run/x", "a Unix socket's path is absolute"),
        ("unix:/run/\u{0}x", "a Unix socket's path holds no NUL"),
    ])
    func aBadOneSaysWhatIsWrong(text: String, problem: String) {
        #expect(throws: AddressError(text: text, problem: problem)) { try Address(parsing: text) }
    }

    @Test func theErrorShowsTheTextAndTheAllowedForms() {
        let error = AddressError(text: "x", problem: "it has no port")
        #expect(error.description.hasPrefix("'x' is not an address: it has no port"))
        for form in ["127.0.0.1:5432", "[::1]:5432", "name:5432", ":5432", "unix:/path"] {
            #expect(error.description.contains(form))
        }
    }

    @Test func namesAndPathsHaveTheirLongest() throws {
        let label = String(repeating: "a", count: 63)
        #expect(try Address(parsing: "\(label):1") == .name(label, port: 1))
        #expect(throws: AddressError.self) { try Address(parsing: "a\(label):1") }
        let name = [label, label, label, String(repeating: "b", count: 61)].joined(separator: ".")
        #expect(try Address(parsing: "\(name):1") == .name(name, port: 1))
        #expect(throws: AddressError.self) { try Address(parsing: "\(name)b:1") }

        let path = "/" + String(repeating: "p", count: 106)
        #expect(try Address(parsing: "unix:\(path)") == .unix(path: path))
        #expect(
            throws: AddressError(text: "unix:\(path)p", problem: "a Unix socket's path has at most 107 bytes")
        ) {
            try Address(parsing: "unix:\(path)p")
        }
    }

    /// Whatever bytes come: an address that reads back as itself, or an error.
    @Test func noTextIsMisread() {
        var random = SplitMix64(seed: 11)
        let alphabet = Array("0123456789abf.:[]-_/xunix%é \n")
        for _ in 0..<3000 {
            let prefix = ["", "", "unix:/", "[::", "127.0.0."].randomElement(using: &random)!
            let length = Int.random(in: 0...12, using: &random)
            let text = prefix + String((0..<length).map { _ in alphabet.randomElement(using: &random)! })
            guard let address = try? Address(parsing: text) else { continue }
            #expect((try? Address(parsing: address.description)) == address, "\(text)")
            #expect((address.port == nil) == text.hasPrefix("unix:"))
        }
    }
}
