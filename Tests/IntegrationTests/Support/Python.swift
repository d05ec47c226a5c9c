import Foundation
import Testing

/// A Python that can import pymodbus: the project's own environment, or the system's.
enum Python {
    static func requirePymodbus() throws -> String {
        guard let path = withPymodbus else {
            throw MissingTool(
                description: "no Python has pymodbus: pip install pymodbus, in .venv for example"
            )
        }
        return path
    }

    fileprivate static let withPymodbus: String? = {
        let project = FileManager.default.currentDirectoryPath
        let candidates = ["\(project)/.venv/bin/python3", Tool(name: "python3", package: "python3").path]
        return candidates.compactMap(\.self).first { path in
            FileManager.default.isExecutableFile(atPath: path)
                && (try? run(path, ["-c", "import pymodbus"]))?.status == 0
        }
    }()
}

extension Trait where Self == ConditionTrait {
    /// Skips a test where no Python has pymodbus.
    static var needsPymodbus: Self {
        .enabled(
            if: Python.withPymodbus != nil || isCI,
            "needs pymodbus: pip install pymodbus, in .venv for example"
        )
    }
}
