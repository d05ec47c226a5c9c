import Testing

@Suite struct SmallChunksTests {
    @Test func `a byte at a time, each before the next is sent`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint) { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            for byte in UInt8.min...UInt8.max {
                try client.send([byte])
                #expect(try server.receive() == [byte])
                try server.send([byte, 255 - byte])
                #expect(try client.receive(exactly: 2) == [byte, 255 - byte])
            }
        }
    }

    @Test func `a stream of single bytes without a pause`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint) { sluice in
            let client = try Peer.connect(to: sluice.listener())
            let server = try origin.accept()
            let pattern = Pattern(seed: 4)
            let sending = Background {
                for offset in 0..<20_000 { try client.send(pattern, offset..<offset + 1) }
                client.closeWrite()
            }
            try server.receive(pattern, 0..<20_000)
            try server.expectEnd()
            try sending.value()
        }
    }

    /// Token streams live from this: nothing may be held back until more has come.
    @Test func `every line arrives before the next is written`() throws {
        let origin = try Listener()
        try withSluice(to: origin.endpoint, route: "class: llm") { sluice in
            let client = try Peer.connect(to: sluice.listener())
            try client.send("POST /api/generate HTTP/1.1\r\n\r\n")
            let server = try origin.accept()
            for index in 0..<200 {
                let line = #"{"response":"token \#(index)","done":false}"# + "\n"
                try server.send(line)
                try client.expect(line)
            }
        }
    }
}
