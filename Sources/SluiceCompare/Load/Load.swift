// What lies between a scenario and the programs that make its traffic.

/// A load: servers in the origin's host, and programs in the client's host that use them and say what they measured.
///
/// One value describes the load for every candidate. For each trial it is asked, in this order, for its services, for
/// its clients once all services and the proxy listen, and for what the clients' outputs mean.
public protocol Load: Sendable {
    /// Why this machine cannot carry the load, and what to install. `nil` where it can.
    var refusal: String? { get }

    /// How many services and clients there are: 1 unless said otherwise.
    var serviceCount: Int { get }
    var clientCount: Int { get }

    /// The servers, each behind a route of its own: client, proxy's route i, service i. Called once a trial.
    /// - Parameter directory: exists, is empty, readable by every user, and is removed after the trial.
    /// - Throws: anything; its description is the reason why the trial failed.
    func services(in directory: String) throws -> [Service]

    /// The programs of the client's host. They start together, and the trial lasts until the last one has ended, which
    /// each does by itself after `bed.seconds`. One that ends with another exit code than 0 fails the trial.
    func clients(_ bed: TestBed) throws -> [Program]

    /// Turns the outputs, in the order of the clients, into numbers. Throws when they are not what they should be.
    func measurements(_ outputs: [ProgramOutput]) throws -> Measurements
}

extension Load {
    public var refusal: String? { nil }
    public var serviceCount: Int { 1 }
    public var clientCount: Int { 1 }
}

/// A program and how it is started. Its standard input is empty; nothing of it outlives the trial.
public struct Program: Sendable, Hashable {
    /// For messages.
    public var name: String
    /// A path, or a name to look for in `PATH`.
    public var command: String
    public var arguments: [String]
    /// Set or replaced in this process's environment.
    public var environment: [String: String]

    public init(
        _ name: String,
        _ command: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:]
    ) {
        self.name = name
        self.command = command
        self.arguments = arguments
        self.environment = environment
    }

    /// A subcommand of the running `sluice`: the same file, even where another one has taken its place since.
    public static func sluice(_ name: String, _ arguments: [String]) -> Program {
        Program(name, "/proc/self/exe", arguments)
    }
}

/// A server of a load. It must listen on every address, or on all of IPv4: whether the proxy reaches it over loopback
/// or over a link is the scenario's choice. The hosts are network namespaces: any port is free.
public struct Service: Sendable, Hashable {
    /// The TCP port that it is ready on when it listens. No two services of a load share one, and none is in
    /// `TestBed.proxyPorts`. Sluice guesses a flow's class from it: take the protocol's own.
    public var port: UInt16
    /// What is run first, one after the other, each to its end: to make a database's files.
    public var preparation: [Program]
    public var server: Program
    /// What is run once the server listens, before anything is measured: to fill a cache, to load a model.
    public var warmUp: [Program]

    public init(port: UInt16, preparation: [Program] = [], server: Program, warmUp: [Program] = []) {
        self.port = port
        self.preparation = preparation
        self.server = server
        self.warmUp = warmUp
    }

    public var name: String { server.name }
}

/// What a load's clients are told.
public struct TestBed: Sendable {
    /// Where a client connects to reach a service: the proxy's route, or the service itself.
    public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
        /// An IPv4 address.
        public var host: String
        public var port: UInt16

        public init(host: String, port: UInt16) {
            self.host = host
            self.port = port
        }

        public var description: String { "\(host):\(port)" }
    }

    /// One for each service, in their order.
    public var endpoints: [Endpoint]
    /// How long the measurement lasts.
    public var seconds: Double
    /// Of everything that the clients draw: the same for all candidates of a round.
    public var seed: UInt64
    /// The directory that `services` was given: clients may leave files in it.
    public var directory: String

    public init(endpoints: [Endpoint], seconds: Double, seed: UInt64, directory: String) {
        self.endpoints = endpoints
        self.seconds = seconds
        self.seed = seed
        self.directory = directory
    }

    /// The proxy's routes listen here.
    public static let proxyPorts: Range<UInt16> = 16_001..<16_101
}

/// What a client left behind.
public struct ProgramOutput: Sendable {
    public var name: String
    /// Its standard output.
    public var text: String
    /// The trial's directory.
    public var directory: String

    public init(name: String, text: String, directory: String) {
        self.name = name
        self.text = text
        self.directory = directory
    }
}
