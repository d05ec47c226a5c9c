import Testing

@Suite struct TimeoutTests {
    @Test func `an idle connection is closed on both sides`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: "timeouts: {idle: 300ms}") { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            try client.roundTrip(through: server)
            try client.waitForClose()
            try server.waitForClose()
            try sluice.expectClosed("idle_timeout")
        }
    }

    /// The busy connection outlives the idle one, though both are older than the timeout by then.
    @Test func `a busy connection is not idle`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: "timeouts: {idle: 2s}") { sluice in
            let busy = try Peer.connect(to: sluice.listener())
            let busyServer = try origin.accept()
            let idle = try Peer.connect(to: sluice.listener())
            let idleServer = try origin.accept()
            while !idle.hasInput {
                try busy.roundTrip(through: busyServer)
            }
            try idleServer.waitForClose()
            try sluice.expectClosed("idle_timeout")
            try busy.roundTrip(through: busyServer)
            busy.close()
            busyServer.close()
            try sluice.expectClosed("completed")
        }
    }

    @Test func `one direction's traffic keeps the whole connection`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: "timeouts: {idle: 2s}") { sluice in
            let listening = try Peer.connect(to: sluice.listener())
            let talking = try origin.accept()
            let idle = try Peer.connect(to: sluice.listener())
            let idleServer = try origin.accept()
            while !idle.hasInput {
                try talking.send("tick")
                try listening.expect("tick")
            }
            try idleServer.waitForClose()
            try sluice.expectClosed("idle_timeout")
            #expect(!listening.hasInput)
        }
    }

    @Test func `a half-closed connection on which nothing more happens is closed`() throws {
        let origin = try Listener()
        let timeouts = "timeouts: {idle: never, half_closed: 300ms}"
        try withSluice(to: origin.endpoint, route: timeouts) { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            client.closeWrite()
            try server.expectEnd()
            try client.waitForClose()
            try server.waitForClose()
            try sluice.expectClosed("half_closed_timeout")
        }
    }

    /// The one that carries data outlives the one that does not, though its half-close is the older.
    @Test func `a half-closed connection that still carries data is kept`() throws {
        let origin = try Listener()
        let timeouts = "timeouts: {idle: never, half_closed: 2s}"
        try withSluice(to: origin.endpoint, route: timeouts) { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            client.closeWrite()
            try server.expectEnd()
            let abandoned = try Peer.connect(to: sluice.listener())
            let abandonedServer = try origin.accept()
            abandoned.closeWrite()
            try abandonedServer.expectEnd()

            while !abandoned.hasInput {
                try server.send("more")
                try client.expect("more")
            }
            try sluice.expectClosed("half_closed_timeout")
            server.close()
            try client.expectEnd()
            try sluice.expectClosed("completed")
        }
    }
}
