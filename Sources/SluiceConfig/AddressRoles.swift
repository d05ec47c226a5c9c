import SluiceCore

extension ListenAddress {
    /// The text forms, for the end of an error message.
    static let allowed = "127.0.0.1:5432, [::1]:5432, name:5432, :5432, unix:/path"

    /// Reads any text form of `Address`; port 0 lets the kernel choose one. Throws `AddressTextError`.
    public init(parsing text: String) throws(AddressTextError) {
        do {
            self.init(try Address(parsing: text))
        } catch {
            throw AddressTextError(text: text, problem: error.problem, allowed: Self.allowed)
        }
    }
}

extension OriginAddress {
    /// The text forms, for the end of an error message.
    static let allowed = "127.0.0.1:5432, [::1]:5432, name:5432, srv:_service._tcp.example, unix:/path"

    /// Reads the text forms of `Address` that one can connect to: they name a host, and a port other than 0.
    /// Throws `AddressTextError`.
    public init(parsing text: String) throws(AddressTextError) {
        // `srv:5432` is a host of that name.
        if text.hasPrefix("srv:"), !text.dropFirst(4).allSatisfy(\.isNumber) {
            self = try Self.service(text)
            return
        }
        let problem: String
        do {
            let address = try Address(parsing: text)
            if text.hasPrefix(":") {
                problem = "an origin needs a host"
            } else if address.port == 0 {
                problem = "an origin needs a port from 1 to 65535"
            } else {
                self.init(address)
                return
            }
        } catch {
            problem = error.problem
        }
        throw AddressTextError(text: text, problem: problem, allowed: Self.allowed)
    }
}

extension AdminConfiguration {
    /// What helps against an admin server that is open to other hosts, for the end of an error message.
    static let openAllowed =
        "allowed: a loopback address, localhost, unix:/path, or any address with a token_file"

    /// The admin server of a command line without a file: `--admin ADDR [--admin-token-file PATH]`.
    public init(listenFlag: String, tokenFileFlag: String?) throws(ConfigurationProblems) {
        self.init()
        do throws(AddressTextError) {
            listen = try ListenAddress(parsing: listenFlag)
        } catch {
            throw ConfigurationProblems(flag: "--admin", message: error.description)
        }
        tokenFile = tokenFileFlag
        guard listen.address.isLocal || tokenFile != nil else {
            throw ConfigurationProblems(
                flag: "--admin",
                message: "\(listen) is open to other hosts (\(Self.openAllowed))"
            )
        }
    }
}

extension OriginAddress {
    /// An SRV name: what a host name is made of, and no port.
    private static func service(_ text: String) throws(AddressTextError) -> OriginAddress {
        let name = text.dropFirst("srv:".count)
        if !name.contains(":"), case .name(let service, _)? = try? Address(parsing: "\(name):0") {
            return OriginAddress(service: service)
        }
        let problem =
            name.contains(":")
            ? "an SRV name has no port: its records bring them" : "'\(name)' is no host name"
        throw AddressTextError(text: text, problem: problem, allowed: allowed)
    }
}

/// Why a text is no address to listen on, or none to connect to.
public struct AddressTextError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The whole text that was read.
    public let text: String
    /// What is wrong with it, as the end of a sentence.
    public let problem: String
    /// The forms that are understood in this role.
    public let allowed: String

    /// The text and what is wrong with it, without the allowed forms.
    public var reason: String { "'\(text)' is not an address: \(problem)" }
    public var description: String { "\(reason) (allowed: \(allowed))" }
}
