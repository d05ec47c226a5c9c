// How a connection opens: who its client is, an origin for it, and what that origin is told before the first byte.

import SluiceControl

/// What a connection needs until it relays.
struct ConnectionOpening {
    /// What the PROXY header said, once it has come.
    var announcement: ProxyHeader?
    var intake: ProxyHeaderIntake?
    var connector: OriginConnector?
    /// In place of the connector where there is nothing to choose: the client has said where it wants to go.
    var dialer: Dialer?
    /// When connecting began, had it not had to wait for a place on an origin: microseconds of the monotonic clock.
    var dialedAt: UInt64 = 0
    /// Whether the origin's connection had been made before anybody asked.
    var wasReady = false
    /// The PROXY header on its way to the origin.
    var delivery: ProxyHeaderDelivery?
}

extension Connection {
    /// Whether a PROXY header has to say who the client is.
    var isAnnounced: Bool {
        if case .header = route.opening(from: peerAddress) { true } else { false }
    }

    /// Whether it waits for a place on an origin.
    var isQueued: Bool { opening.connector?.isQueued ?? false }

    /// Takes the accepted descriptor over, and dials as soon as it is known for whom.
    func start(takingOver descriptor: Int32) {
        do {
            client = try LegSocket(
                loop: context.loop,
                takingOver: descriptor,
                isTCP: peerAddress.isTCP,
                leg: .client,
                connection: self
            )
        } catch {
            return end(.connectFailed)
        }
        spareIfLocal(client!.descriptor, peerAddress)
        switch route.opening(from: peerAddress) {
        case .plain: dial()
        case .header(let timeout): awaitHeader(timeout: timeout)
        case .refused: headerRefused(.untrusted, "the address is not among those that may send one")
        }
    }

    /// Gives up whatever is under way. Does nothing where nothing is.
    func cancelOpening() {
        opening.intake?.cancel()
        opening.intake = nil
        opening.connector?.cancel()
        opening.connector = nil
        opening.dialer?.cancel()
        opening.dialer = nil
    }

    /// An event before anything is relayed: of a header that comes, or of one that goes.
    func openingReady(_ socket: LegSocket, _ events: PollEvents) {
        guard phase == .connecting else { return }
        guard socket.leg == .client else { return deliverHeader() }
        if let intake = opening.intake { return intake.read() }
        // A client that is gone gives up its place in the queue.
        if events.contains(.failed) { end(.clientReset) }
    }

    /// A peer has ended both directions, and nobody reads it. What it sent before is relayed in its time, and its end after that. But
    /// a client that has gone before it had an origin waits for nothing.
    func legHungUp(_ socket: LegSocket) {
        if phase == .connecting { end(.clientReset) }
    }

    private func awaitHeader(timeout: Duration) {
        let intake = ProxyHeaderIntake(socket: client!, timeout: timeout, context: context, delegate: self)
        opening.intake = intake
        intake.start()
    }

    /// Whatever has to be known of the client before an origin can be chosen is known by now.
    private func dial() {
        opening.dialedAt = opening.announcement == nil ? acceptedAt : MonotonicClock.microseconds
        guard route.origins.isEmpty else {
            let connector = OriginConnector(
                route: route,
                timeout: route.timeouts(for: sensing.flowClass).connect,
                context: context,
                delegate: self
            )
            opening.connector = connector
            return connector.start()
        }
        guard let destination = originalDestination() else { return end(.destinationRefused) }
        let dialer = Dialer(
            target: .addresses([destination]),
            deadline: connectDeadline,
            context: context,
            delegate: self
        )
        opening.dialer = dialer
        dialer.start()
    }

    /// Loop time.
    private var connectDeadline: UInt64 {
        opening.dialedAt / 1000 + route.timeouts(for: sensing.flowClass).connect
    }

    /// `nil`: the client wants to go where it may not.
    private func originalDestination() -> SocketAddress? {
        guard let rules = route.originalDestination, let client else { return nil }
        let destination = rules.find(client.descriptor, peer: peerAddress)
        originAddress = destination
        guard rules.allows(destination, of: client.descriptor) else { return nil }
        if sensing.classSource == .port {
            sensing.begin(as: ClassGuess.fromPort(destination.port))
        }
        return destination
    }

    /// The origin has answered, and has been sent nothing yet.
    private func establish(_ origin: LegSocket) {
        self.origin = origin
        // One that was ready was counted when it was made.
        if !opening.wasReady {
            let elapsed = MonotonicClock.microseconds &- opening.dialedAt
            context.metrics.routes[route.index].connectSeconds.record(Double(elapsed) / 1e6)
        }
        guard let version = route.configuration.sendProxy else { return beginRelaying() }
        opening.delivery = ProxyHeaderDelivery(introduction(), as: version)
        deliverHeader()
    }

    /// Sends the PROXY header, and goes on once it is sent.
    private func deliverHeader() {
        guard let origin, let progress = opening.delivery?.proceed(on: origin) else { return }
        switch progress {
        case .whole:
            opening.delivery = nil
            context.deadlines.cancel(self)
            beginRelaying()
        case .waiting:
            origin.setInterest(.writable)
            context.deadlines.schedule(self, at: connectDeadline)
        case .failed: end(.originReset)
        }
    }

    /// What the origin is told: what the client's proxy said, or else what the client's socket shows.
    private func introduction() -> ProxyHeader {
        var header = opening.announcement ?? ProxyHeader(endpoints: nil)
        if header.endpoints == nil, let client, let local = SocketAddress.local(of: client.descriptor) {
            // Of a redirected connection, the socket shows only Sluice.
            let destination = route.originalDestination == nil ? local : originAddress ?? local
            header.endpoints = ProxyHeader.Endpoints(source: clientAddress, destination: destination)
        }
        return header
    }
}

extension Connection: OriginConnectorDelegate {
    func willConnect(_ descriptor: Int32, to address: SocketAddress) throws(SystemError) {
        originAddress = address
        try context.prepare(descriptor, to: address, of: route)
        spareIfLocal(descriptor, address)
        narrowFirstWindow(descriptor, address)
        guard route.configuration.source == .client else { return }
        try TransparentSocket.speakAs(clientAddress, descriptor, family: address.family)
    }

    func attemptFailed(to address: SocketAddress, _ error: SystemError) {
        originAddress = address
        context.metrics.routes[route.index].connectFailures += 1
        context.owner.connectAttemptFailed(self, error)
    }

    func willWait() { client?.setInterest(.failureOnly) }

    func willUse(_ descriptor: Int32, to address: SocketAddress) { spareIfLocal(descriptor, address) }

    func connected(to origin: Origin, wasReady: Bool) {
        opening.dialedAt = opening.connector!.startedAt
        opening.wasReady = wasReady
        chosenOrigin = origin
    }

    func dialed(_ descriptor: Int32, to address: SocketAddress) {
        opening.connector = nil
        opening.dialer = nil
        originAddress = address
        do {
            establish(
                try LegSocket(
                    loop: context.loop,
                    takingOver: descriptor,
                    isTCP: address.isTCP,
                    leg: .origin,
                    connection: self
                )
            )
        } catch {
            end(.connectFailed)
        }
    }

    func dialFailed(_ reason: CloseReason) { end(reason) }
}

extension Connection: ProxyHeaderIntakeDelegate {
    func headerRead(_ header: ProxyHeader) {
        note(.accepted)
        opening.intake = nil
        client!.setInterest([])
        opening.announcement = header
        if let source = header.endpoints?.source { clientAddress = source }
        if let refusal = context.owner.clientAnnounced(self) { return end(refusal) }
        dial()
    }

    func headerRefused(_ result: ProxyHeaderResult, _ why: String) {
        note(result)
        context.owner.proxyHeaderRefused(self, why)
        end(.proxyHeader)
    }

    func leftWithoutHeader(_ reason: CloseReason) { end(reason) }

    private func note(_ result: ProxyHeaderResult) {
        context.metrics.routes[route.index].proxyHeaders[result.index] += 1
    }
}
