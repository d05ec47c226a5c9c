import Testing

/// What `sluice lab` needs of a machine.
enum Lab {
    /// Why this machine refuses; nil where it runs.
    static let refusal: String? = {
        guard let result = try? run(SluiceBinary.path, ["lab", "run", "--link", "delay=1ms", "--", "true"])
        else {
            return "it did not start"
        }
        return result.status == 0 ? nil : result.errors
    }()

    /// What a command of host a printed, with a server in host b.
    static func output(link: String, congestionControl: String, server: String, _ command: [String]) throws
        -> String
    {
        try succeed(
            SluiceBinary.path,
            ["lab", "run", "--link", link, "--host-cc", congestionControl, "--server", server, "--"] + command
        )
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips a test where the lab cannot run. With `CI` set nothing is skipped: there the test fails.
    static var needsLab: Self {
        .enabled("the lab runs here") { Lab.refusal == nil || isCI }
    }
}
