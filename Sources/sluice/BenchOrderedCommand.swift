import ArgumentParser
import Foundation
import SluiceBench
import SluiceCore

/// `sluice bench ordered DIRECTORY`: the client of `sluice bench client --link`, as a process in the lab. Not for people.
struct BenchOrderedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ordered",
        abstract: "Carry out the order that 'bench client --link' left in a directory.",
        shouldDisplay: false
    )

    @Argument(help: "Where the order is, and where its result goes.", completion: .directory)
    var directory: String

    func run() async throws {
        let desk = BenchOrder.Desk(directory: URL(fileURLWithPath: directory))
        let order = try desk.take()
        var client = BenchClient(plan: order.plan, address: try Address(parsing: order.address))
        client.observedPID = order.observedPID
        client.connectTimeout = order.connectTimeout
        client.onBegin = { desk.noteBegin() }
        if order.showsLines { client.show(on: BenchConsole(plan: order.plan)) }
        try desk.deliver(try await client.runUntilSignal())
    }
}
