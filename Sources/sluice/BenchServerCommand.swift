import ArgumentParser
import SluiceBench
import SluiceCore

/// `sluice bench server`: the far end of a run.
struct BenchServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Wait for bench clients, one run at a time.",
        discussion: "It sends and receives whatever a client asks for: do not leave it open to the world."
    )

    @Option(help: "Where to listen; port 0 takes a free one.")
    var listen = ":\(BenchServer.defaultPort)"

    @Flag(name: [.customShort("1"), .long], help: "End after one run.")
    var oneOff = false

    func validate() throws {
        _ = try address()
    }

    func run() async throws {
        let signals = StopSignals()
        let server: BenchServer
        do throws(BenchError) {
            server = try BenchServer(listen: try address(), endsAfterOne: oneOff, onEvent: Self.log)
        } catch {
            complain(error.description)
            throw ExitStatus.unavailable
        }
        print("bench server listening on \(server.address)")
        flushOutput()
        server.start()
        let stopping = Task {
            await signals.first()
            server.stop()
        }
        // It blocks: not on the pool that the task above needs.
        await Blocking.run { server.wait() }
        stopping.cancel()
    }

    private func address() throws(BenchError) -> Address {
        do throws(AddressError) {
            return try Address(parsing: listen)
        } catch {
            throw .unusableAddress(listen, reason: error.description)
        }
    }

    private static func log(_ event: BenchServer.Event) {
        switch event {
        case .began(let plan): print("run began: \(plan.mode.rawValue)")
        case .ended: print("run ended")
        case .failed(let reason): print("run broke off: \(reason)")
        case .turnedAway(let reason): print("turned a connection away: \(reason)")
        }
        flushOutput()
    }
}
