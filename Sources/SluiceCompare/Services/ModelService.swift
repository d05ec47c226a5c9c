import Foundation
import Glibc

/// A server of a language model: llama.cpp's with Gemma 3 270M where `make bench-llm` has installed them, otherwise the
/// demo origin, which makes tokens at the same pace and computes nothing.
struct ModelService: Sendable, Hashable {
    /// llama.cpp's server and its model; `nil` for the demo origin.
    private let installation: Installation?

    private struct Installation: Hashable {
        var server: String
        var model: String
    }

    /// Ollama's, by which Sluice guesses the class.
    static let port: UInt16 = 11434
    /// What the model makes on one thread of a server's CPU of 2020.
    private static let demoTokensPerSecond = 34

    /// Looks in the directory that SLUICE_LLM names; in .venv/llm without it.
    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        let directory = environment["SLUICE_LLM"] ?? ".venv/llm"
        let found = Installation(server: "\(directory)/llama-server", model: "\(directory)/model.gguf")
        let isComplete = access(found.server, X_OK) == 0 && access(found.model, R_OK) == 0
        installation = isComplete ? found : nil
    }

    /// For a row's title.
    var title: String { installation == nil ? "demo origin, no model" : "Gemma 3 270M on llama.cpp" }

    /// What `sluice bench request --llm-api` takes.
    var dialect: String { installation == nil ? "ollama" : "openai" }

    var service: Service {
        Service(port: Self.port, server: server, warmUp: [waitUntilReady])
    }

    private var server: Program {
        guard let installation else {
            return .sluice(
                "demo",
                [
                    "demo", "--listen", "0.0.0.0:\(Self.port)", "--tokens-per-second",
                    "\(Self.demoTokensPerSecond)",
                ]
            )
        }
        // One thread: the others are for the proxy and the link.
        return Program(
            "llama-server",
            installation.server,
            [
                "--model", installation.model, "--host", "0.0.0.0", "--port", "\(Self.port)", "--threads",
                "1",
                "--parallel", "1", "--ctx-size", "2048",
            ]
        )
    }

    /// llama.cpp listens before it has loaded the model.
    private var waitUntilReady: Program {
        .sluice(
            "waiting for the model",
            ["bench", "request", "--llm", "127.0.0.1:\(Self.port)", "--llm-api", dialect, "--time", "0"]
        )
    }
}
