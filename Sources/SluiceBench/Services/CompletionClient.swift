/// Asks a model server for completions, and hears of each token when it arrives.
struct CompletionClient {
    let target: BenchTarget
    let dialect: CompletionDialect
    let connectTimeout: Double
    let stop: Gate

    /// One completion over a connection of its own, as a chat client that was idle for a while makes it. `onToken` is
    /// called at each token. Returns the text.
    ///
    /// Throws `BenchError` when it cannot connect, `AnswerError` for the rest.
    func complete(prompt: String, tokens: Int, onToken: () -> Void) throws -> String {
        let connection = try ServiceConnection(to: target, within: connectTimeout, stop: stop)
        try connection.send(request(prompt: prompt, tokens: tokens))
        var answer = try HTTPAnswer(from: connection.answers)
        guard answer.status == 200 else { throw try failure(&answer) }
        var text = ""
        while let line = try answer.line() {
            switch try dialect.event(line) {
            case .nothing: continue
            case .end: return text
            case .token(let token):
                onToken()
                text += token
            }
        }
        throw AnswerError.malformed("the token stream has no end")
    }

    private func request(prompt: String, tokens: Int) -> [UInt8] {
        let body = dialect.body(prompt: prompt, tokens: tokens)
        let head = """
            POST \(dialect.path) HTTP/1.1\r
            Host: \(target.text)\r
            Content-Type: application/json\r
            Content-Length: \(body.count)\r
            Connection: close\r
            \r

            """
        return Array(head.utf8) + body
    }

    private func failure(_ answer: inout HTTPAnswer) throws(AnswerError) -> AnswerError {
        let text = "HTTP status \(answer.status): \(quoted(try answer.line() ?? []))"
        // Service Unavailable: the model is being loaded.
        return answer.status == 503 ? .notReady(text) : .refused(text)
    }
}
