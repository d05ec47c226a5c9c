import Foundation
import SluiceLab

/// Why a trial has no result: one sentence.
struct TrialError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// A program that ended, or did not; with what it said last.
    init(_ program: Program, _ what: String, saying path: String) {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        // The directory is gone when somebody reads this.
        let directory = (path as NSString).deletingLastPathComponent + "/"
        let tail = text.replacing(directory, with: "").split(separator: "\n").suffix(3).joined(
            separator: "; "
        ).suffix(500)
        description = "\(program.name) \(what)" + (tail.isEmpty ? "" : ": \(tail)")
    }

    static func describe(_ exit: LabExit) -> String {
        switch exit {
        case .exited(let code): "ended with exit code \(code)"
        case .killed(let signal): "was killed by signal \(signal)"
        }
    }
}

/// The comparison was asked to stop.
struct Stopped: Error {}
