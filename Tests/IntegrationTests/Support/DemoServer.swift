/// Runs `sluice demo` during `body`, on a free port.
func withDemo<Result>(_ arguments: [String] = [], _ body: (Endpoint) throws -> Result) throws -> Result {
    try withProcess(SluiceBinary.path, ["demo", "--listen", "127.0.0.1:0"] + arguments) { demo in
        let address = try waitFor("the demo's address") {
            (demo.output.lines + demo.errors.lines).lazy
                .compactMap { $0.firstMatch(of: /127\.0\.0\.1:[1-9][0-9]*/) }
                .compactMap { Endpoint(String($0.output)) }.first
        }
        return try body(address)
    }
}
