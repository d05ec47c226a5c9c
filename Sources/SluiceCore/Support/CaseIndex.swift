import SluiceControl

// Positions in `allCases`, for the metric arrays that are indexed by them: without a search on every sample.

extension CloseReason {
    var index: Int {
        switch self {
        case .completed: 0
        case .clientReset: 1
        case .originReset: 2
        case .resolveFailed: 3
        case .connectRefused: 4
        case .connectTimeout: 5
        case .connectFailed: 6
        case .originLimit: 7
        case .queueTimeout: 8
        case .noOrigin: 9
        case .originRemoved: 10
        case .originUnhealthy: 11
        case .idleTimeout: 12
        case .halfClosedTimeout: 13
        case .drainWindow: 14
        case .drainDeadline: 15
        case .closedByOperator: 16
        case .clientLimit: 17
        case .clientRate: 18
        case .accessDenied: 19
        case .proxyHeader: 20
        case .destinationRefused: 21
        }
    }
}

extension FlowClass {
    var index: Int {
        switch self {
        case .llm: 0
        case .database: 1
        case .cache: 2
        case .network: 3
        case .telemetry: 4
        }
    }
}

extension Actuator {
    var index: Int {
        switch self {
        case .ring: 0
        case .notSentLowat: 1
        case .pacing: 2
        case .sendBuffer: 3
        case .sourceWindow: 4
        case .congestionControl: 5
        }
    }
}

extension Direction {
    var index: Int { self == .upstream ? 0 : 1 }
}

extension Leg {
    var index: Int { self == .client ? 0 : 1 }
}

extension Reason {
    var index: Int {
        switch self {
        case .startup: 0
        case .appLimited: 1
        case .sendBufferLimited: 2
        case .receiverLimited: 3
        case .queueBuilding: 4
        case .lossLimited: 5
        case .networkLimited: 6
        case .competitor: 7
        case .localPeer: 8
        case .classChanged: 9
        case .fasterPath: 10
        case .outdatedRate: 11
        }
    }
}

extension AcceptPause {
    var index: Int {
        switch self {
        case .connectionLimit: 0
        case .descriptors: 1
        case .rateLimit: 2
        }
    }
}

extension WarmDiscard {
    var index: Int {
        switch self {
        case .aged: 0
        case .originClosed: 1
        case .gaveWay: 2
        case .withdrawn: 3
        }
    }
}
