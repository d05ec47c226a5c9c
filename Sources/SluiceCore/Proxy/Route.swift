import SluiceControl

/// A route as the data plane uses it: its configuration, with everything that can be worked out beforehand.
final class Route: Sendable {
    /// What to connect to: known already, or to be resolved.
    enum Origin: Sendable {
        case addresses([SocketAddress])
        case name(String, port: UInt16)
    }

    /// Timeouts in milliseconds of the loop's clock.
    struct Timeouts: Sendable {
        let connect: UInt64
        /// `nil`: never.
        let idle: UInt64?
        let halfClosed: UInt64
    }

    /// Index in `Configuration.routes`.
    let index: Int
    let configuration: RouteConfiguration
    let origin: Origin
    let initialClass: FlowClass
    let classSource: ConnectionSensing.ClassSource
    /// Indexed as `FlowClass.allCases`.
    private let timeouts: [Timeouts]

    init(index: Int, configuration: RouteConfiguration) {
        self.index = index
        self.configuration = configuration
        origin = Self.origin(configuration.origin.address)
        classSource = configuration.flowClass == nil ? .port : .configured
        initialClass =
            configuration.flowClass ?? ClassGuess.fromPort(configuration.origin.address.port ?? 0)
        timeouts = FlowClass.allCases.map { Self.timeouts(configuration.timeouts, ClassTargets[for: $0]) }
    }

    var name: String { configuration.name }

    func timeouts(for flowClass: FlowClass) -> Timeouts { timeouts[flowClass.index] }

    func targets(for flowClass: FlowClass) -> ClassTargets { ClassTargets[for: flowClass] }

    private static func origin(_ address: Address) -> Origin {
        switch address {
        case .unix(let path): return .addresses([.unix(path)])
        case .name(let host, let port): return .name(host, port: port)
        case .ip(let host, let port):
            // `Address` holds a literal here: its parser made sure.
            guard let literal = SocketAddress(literal: host, port: port) else {
                return .name(host, port: port)
            }
            return .addresses([literal])
        }
    }

    private static func timeouts(_ overrides: TimeoutOverrides, _ defaults: ClassTargets) -> Timeouts {
        let idle: Duration? =
            switch overrides.idle {
            case nil: defaults.idleTimeout
            case .never: nil
            case .after(let duration): duration
            }
        return Timeouts(
            connect: (overrides.connect ?? defaults.connectTimeout).milliseconds,
            idle: idle?.milliseconds,
            halfClosed: (overrides.halfClosed ?? defaults.halfClosedTimeout).milliseconds
        )
    }
}
