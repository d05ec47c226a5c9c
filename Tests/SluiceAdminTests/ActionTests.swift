import Foundation
import SluiceCore
import Testing

@testable import SluiceAdmin

@Suite struct ActionTests {
    private func withWritableServer(
        _ body: (ListenAddress, FakeActions) async throws -> Void
    ) async throws {
        var configuration = AdminConfiguration()
        configuration.allowsWriting = true
        let actions = FakeActions()
        try await withAdminServer(actions: actions, authority: try AdminAuthority(configuration)) {
            try await body($0, actions)
        }
    }

    @Test func aReloadTellsWhatChangedOrWhatIsWrong() async throws {
        try await withWritableServer { address, actions in
            let applied = try await AdminClient.request("POST", "/reload", at: address)
            #expect(applied.status == 200 && applied.body == "reloaded\nmemory: 1M -> 2M\n")
            let refused = try await AdminClient.request("POST", "/reload", at: address)
            #expect(refused.status == 422 && refused.body == "refused\nf:1:2: key: wrong\n")
            #expect(actions.log == ["reload", "reload"])
        }
    }

    @Test(arguments: [
        ("/connections/3", 200, "{\"closed\":1}\n", "close [3]"),
        ("/connections?route=llm", 200, "{\"closed\":2}\n", "close [2, 3]"),
        ("/connections?client=192.0.2.1", 200, "{\"closed\":3}\n", "close [1, 2, 3]"),
        ("/connections?client=::ffff:192.0.2.1&route=db", 200, "{\"closed\":1}\n", "close [1]"),
        ("/connections?client=192.0.2.9", 200, "{\"closed\":0}\n", "close []"),
        ("/connections?origin=llm.internal:5432", 200, "{\"closed\":2}\n", "close [2, 3]"),
        ("/connections/9", 404, "there is no connection 9\n", "close []"),
    ]) func connectionsAreClosed(target: String, status: Int, body: String, action: String) async throws {
        try await withWritableServer { address, actions in
            let response = try await AdminClient.request("DELETE", target, at: address)
            #expect(response.status == status && response.body == body)
            #expect(actions.log == [action])
        }
    }

    @Test(arguments: [
        (
            "/connections",
            "which connections? allowed: ?route=NAME, ?client=ADDRESS, ?origin=ADDRESS, or several of them\n"
        ),
        (
            "/connections?limit=1",
            "which connections? allowed: ?route=NAME, ?client=ADDRESS, ?origin=ADDRESS, or several of them\n"
        ),
        ("/connections?route=x", "there is no route 'x'; there are: db, llm\n"),
        ("/connections?client=here", "client is 'here'; allowed: an IPv4 or IPv6 address, without a port\n"),
        ("/connections/x", "'x' is not a connection's id; allowed: a whole number\n"),
    ]) func nothingIsClosedBySlip(target: String, body: String) async throws {
        try await withWritableServer { address, actions in
            let response = try await AdminClient.request("DELETE", target, at: address)
            #expect(response.status == 400 && response.body == body)
            #expect(actions.log.isEmpty)
        }
    }

    @Test func theLogLevelIsReadAndSet() async throws {
        try await withWritableServer { address, actions in
            #expect(try await AdminClient.request("GET", "/log/level", at: address).body == "info\n")
            let set = try await AdminClient.request("PUT", "/log/level", body: "debug\n", at: address)
            #expect(set.status == 200 && set.body == "debug\n")
            #expect(actions.logLevel == .debug)
            let refused = try await AdminClient.request("PUT", "/log/level", body: "loud", at: address)
            #expect(
                refused.status == 400 && refused.body.hasPrefix("'loud' is not a level; allowed: trace, ")
            )
        }
    }

    @Test(arguments: [
        ("route=db&origin=192.0.2.2:5432", "drained", 200, "drained\n", ["drain db 192.0.2.2:5432"]),
        ("route=db&origin=192.0.2.2:5432", "serving\n", 200, "serving\n", ["serve db 192.0.2.2:5432"]),
        (
            "route=db&origin=x:1", "drained", 404,
            "route 'db' has no origin 'x:1'; there are: 192.0.2.2:5432\n", []
        ),
        ("route=llm&origin=x:1", "drained", 404, "route 'llm' has no origin 'x:1'; there are: none\n", []),
        ("route=db", "drained", 400, "which origin? allowed: ?route=NAME&origin=ADDRESS\n", []),
        (
            "route=db&origin=192.0.2.2:5432", "down", 400,
            "'down' is not what an origin does; allowed: drained, serving\n", []
        ),
    ]) func oneOriginIsDrained(query: String, wish: String, status: Int, body: String, log: [String])
        async throws
    {
        try await withWritableServer { address, actions in
            let response = try await AdminClient.request("PUT", "/origins?\(query)", body: wish, at: address)
            #expect(response.status == status && response.body == body)
            #expect(actions.log == log)
        }
    }

    @Test func theOriginsAreShown() async throws {
        try await withWritableServer { address, _ in
            let response = try await AdminClient.request("GET", "/origins?route=db", at: address)
            #expect(response.status == 200)
            #expect(
                response.body == """
                    [{"checks_failed":0,"checks_passed":0,"connect_failures":1,"connections":2,"connects":5,"ejections":0,"origin":"192.0.2.2:5432","route":"db","state":"available"}]

                    """
            )
            #expect(try await AdminClient.request("GET", "/origins?route=llm", at: address).body == "[]\n")
            #expect(try await AdminClient.request("GET", "/origins?route=x", at: address).status == 400)
        }
    }

    @Test(arguments: [
        ("PUT", "/origins?route=db&origin=192.0.2.2:5432"), ("POST", "/reload"), ("DELETE", "/connections/1"),
        ("PUT", "/log/level"),
    ])
    func aReadOnlyServerChangesNothing(method: String, target: String) async throws {
        let actions = FakeActions()
        try await withAdminServer(actions: actions) { address in
            let response = try await AdminClient.request(method, target, body: "debug", at: address)
            #expect(response.status == 403)
            #expect(response.body == "the admin server is read-only; admin.write: true opens it\n")
        }
        #expect(actions.log.isEmpty && actions.logLevel == .info)
    }

    /// A page that an operator's browser shows must not reach the proxy through it.
    @Test func aWebPageChangesNothing() async throws {
        try await withWritableServer { address, actions in
            let response = try await AdminClient.request(
                "POST",
                "/reload",
                headers: ["Origin: https://evil.example"],
                at: address
            )
            #expect(response.status == 403)
            #expect(actions.log.isEmpty)
        }
    }
}

@Suite struct TokenTests {
    private let token = "correct-horse-battery"

    private func withTokenFile(_ text: String, _ body: (String) async throws -> Void) async throws {
        let path = "\(freshSocketPath()).token"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }

    private func authority(_ path: String) throws -> AdminAuthority {
        var configuration = AdminConfiguration()
        configuration.tokenFile = path
        return try AdminAuthority(configuration)
    }

    @Test func onlyHealthIsForEverybody() async throws {
        try await withTokenFile("\(token)\n") { path in
            let authority = try authority(path)
            try await withAdminServer(authority: authority) { address in
                func status(_ target: String, _ header: String? = nil) async throws -> Int {
                    let headers = header.map { ["Authorization: \($0)"] } ?? []
                    return try await AdminClient.request("GET", target, headers: headers, at: address).status
                }
                for target in ["/livez", "/readyz"] { #expect(try await status(target) == 200) }
                for target in ["/", "/metrics", "/connections", "/log/level", "/nothing"] {
                    #expect(try await status(target) == 401)
                }
                for wrong in [
                    "", token, "Basic \(token)", "Bearer", "Bearer x\(token)", "Bearer \(token.dropLast())",
                ] {
                    #expect(try await status("/metrics", wrong) == 401, "\(wrong)")
                }
                #expect(try await status("/metrics", "Bearer \(token)") == 200)
                #expect(try await status("/metrics", "bearer \(token)") == 200)

                // Another one, without a restart.
                try Data("another-horse-battery".utf8).write(to: URL(fileURLWithPath: path))
                authority.use(try authority.readToken())
                #expect(try await status("/metrics", "Bearer \(token)") == 401)
                #expect(try await status("/metrics", "Bearer another-horse-battery") == 200)
            }
        }
    }

    @Test(arguments: [
        "", "short", "two words are no token", "long enough, but ünicode", "line-one-line-one\nline-two",
    ])
    func aFileWithoutATokenIsRefused(text: String) async throws {
        try await withTokenFile(text) { path in
            let error = #expect(throws: AdminTokenError.self) { try authority(path) }
            #expect(error?.description.hasPrefix("admin token \(path): ") == true)
        }
    }

    @Test func aFileThatIsMissingIsRefused() {
        #expect(throws: AdminTokenError(file: "/nonexistent", problem: "No such file or directory")) {
            try authority("/nonexistent")
        }
    }

    @Test func tokensAreComparedWhole() {
        let token = Array("0123456789abcdef".utf8)
        #expect(AdminAuthority.isEqual(token, token))
        for guess in ["", "0", "0123456789abcdeX", "X123456789abcdef", "0123456789abcdef0123456789abcdef"] {
            #expect(!AdminAuthority.isEqual(Array(guess.utf8), token))
        }
    }
}
