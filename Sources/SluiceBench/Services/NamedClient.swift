import SluiceCore

/// A client, and what its service is called where something is wrong with it.
struct NamedClient<Client> {
    private let name: String
    private let client: Client

    /// For a service that has just been started, and reads its data.
    private static var patience: UInt64 { 60 * BenchClock.second }

    /// Opens the client with `open`, again and again while the service says that it is not ready. Throws `BenchError`.
    init(_ kind: String, _ address: String, stop: Gate, _ open: (BenchTarget) throws -> Client) throws {
        name = "\(kind) at \(address)"
        let deadline = BenchClock.now + Self.patience
        client = try Self.naming(name) {
            let target = try BenchTarget(Address(parsing: address))
            while true {
                do {
                    return try open(target)
                } catch AnswerError.notReady(let text) {
                    guard BenchClock.now < deadline else { throw AnswerError.notReady(text) }
                    BenchClock.sleep(until: BenchClock.now + BenchClock.second / 10, unless: stop)
                    if stop.isOpen { throw AnswerError.exchange(.stopped) }
                }
            }
        }
    }

    /// Throws `BenchError`.
    func ask<Result>(_ body: (Client) throws -> Result) throws -> Result {
        try Self.naming(name) { try body(client) }
    }

    func failure(_ reason: String) -> BenchError { .service(name, reason: reason) }

    private static func naming<Result>(_ name: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch AnswerError.exchange(.stopped) {
            throw BenchError.stoppedEarly
        } catch let error as AnswerError {
            throw BenchError.service(name, reason: error.description)
        } catch let error as AddressError {
            throw BenchError.service(name, reason: error.description)
        } catch BenchError.refused {
            // Its own text tells of bench servers.
            throw BenchError.service(name, reason: "the connection was refused")
        } catch BenchError.noAnswer(_, let seconds) {
            throw BenchError.service(name, reason: "it did not answer within \(seconds.trimmed) s")
        } catch BenchError.unusableAddress(_, let reason) {
            throw BenchError.service(name, reason: reason)
        }
    }
}
