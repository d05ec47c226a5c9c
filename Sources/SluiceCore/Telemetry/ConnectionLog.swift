import Logging
import SluiceControl

/// The log lines about connections and listeners. One line a closed connection, at `info`; what an operator may have to act
/// on, at `warning`; what only a closer look needs, at `debug`.
struct ConnectionLog: Sendable {
    let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    func closed(_ connection: Connection, _ reason: CloseReason) {
        // Asked here, too: what the line takes to make is saved where nobody wants it.
        guard logger.logLevel <= .info else { return }
        let seconds = Double(MonotonicClock.microseconds &- connection.acceptedAt) / 1e6
        let sensing = connection.sensing
        var fields: Logger.Metadata = [
            "id": .stringConvertible(connection.id),
            "route": .string(connection.route.name),
            "class": .string(sensing.flowClass.rawValue),
            "client": .string(connection.clientAddress.description),
            "origin": .string(connection.originText),
            "duration_seconds": .stringConvertible(seconds),
            "upstream_bytes": .stringConvertible(connection.upstream?.relayedBytes ?? 0),
            "downstream_bytes": .stringConvertible(connection.downstream?.relayedBytes ?? 0),
            "reason": .string(reason.rawValue),
            "retransmitted_bytes": .stringConvertible(
                sensing.client.retransmittedBytes + sensing.origin.retransmittedBytes
            ),
        ]
        if connection.peerAddress != connection.clientAddress {
            fields["peer"] = .string(connection.peerAddress.description)
        }
        for leg in Leg.allCases where sensing[leg].rtt > 0 {
            fields["\(leg.rawValue)_rtt_seconds"] = .stringConvertible(Double(sensing[leg].rtt) / 1e6)
        }
        for half in [connection.upstream, connection.downstream] {
            guard let half else { continue }
            let direction = half.sink.leg == .origin ? Direction.upstream : .downstream
            fields["\(direction.rawValue)_ring_bytes"] = .stringConvertible(half.controller.ringTarget)
            let lowat = half.sink.actuator.notSentLowat
            if lowat > 0 { fields["\(direction.rawValue)_notsent_lowat"] = .stringConvertible(lowat) }
        }
        logger.info("connection closed", metadata: fields)
    }

    func connectFailed(_ connection: Connection, _ error: SystemError) {
        logger.debug(
            "connect failed",
            metadata: [
                "id": .stringConvertible(connection.id),
                "route": .string(connection.route.name),
                "origin": .string(connection.originAddress?.description ?? ""),
                "error": .string(error.description),
            ]
        )
    }

    func proxyHeaderRefused(_ connection: Connection, _ why: String) {
        logger.info(
            "PROXY header refused",
            metadata: [
                "id": .stringConvertible(connection.id),
                "route": .string(connection.route.name),
                "peer": .string(connection.peerAddress.description),
                "error": .string(why),
            ]
        )
    }

    func originEjected(_ origin: Origin, route: Route, for milliseconds: UInt64) {
        logger.warning(
            "origin ejected",
            metadata: [
                "route": .string(route.name),
                "origin": .string(origin.name),
                "seconds": .stringConvertible(Double(milliseconds) / 1000),
            ]
        )
    }

    func nameNotResolved(_ origin: Origin, route: Route, _ failure: DNSFailure, kept: Int) {
        logger.warning(
            "name not resolved",
            metadata: [
                "route": .string(route.name),
                "origin": .string(origin.name),
                "error": .string(failure.description),
                "kept_addresses": .stringConvertible(kept),
            ]
        )
    }

    func warmPoolRests(_ origin: Origin, route: Route, for milliseconds: UInt64) {
        logger.notice(
            "warm pool rests",
            metadata: [
                "route": .string(route.name),
                "origin": .string(origin.name),
                "seconds": .stringConvertible(Double(milliseconds) / 1000),
            ]
        )
    }

    func originChecked(_ origin: Origin, route: Route, passes: Bool, _ reason: String) {
        var fields: Logger.Metadata = ["route": .string(route.name), "origin": .string(origin.name)]
        guard !passes else { return logger.notice("origin healthy", metadata: fields) }
        fields["reason"] = .string(reason)
        logger.warning("origin unhealthy", metadata: fields)
    }

    func actuatorChanged(_ connection: Connection, _ change: ActuatorTrial.Change) {
        var fields: Logger.Metadata = [
            "route": .string(connection.route.name),
            "class": .string(connection.sensing.flowClass.rawValue),
        ]
        switch change {
        case .withdrawn(let withdrawal):
            fields["actuator"] = .string(withdrawal.actuator.rawValue)
            fields["worse_in"] = .string(withdrawal.verdict.measure.rawValue)
            fields["worse_share"] = .stringConvertible(withdrawal.verdict.worseShare)
            fields["kernel_connections"] = .stringConvertible(withdrawal.verdict.ranked)
            fields["again_after_seconds"] = .stringConvertible(withdrawal.probation / 1_000_000)
            logger.warning(
                "an actuator is withdrawn: the connections left to the kernel do better",
                metadata: fields
            )
        case .readmitted(let actuator):
            fields["actuator"] = .string(actuator.rawValue)
            logger.notice("an actuator is tried again", metadata: fields)
        }
    }

    func acceptPaused(_ listener: Listener, _ error: SystemError) {
        logger.warning(
            "accepting is paused",
            metadata: ["address": .string(listener.address.description), "error": .string(error.description)]
        )
    }
}
