import ArgumentParser
import SluiceLab

/// `sluice lab`: hosts on emulated links, without touching the machine's own network.
struct LabCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lab",
        abstract: "Run programs on hosts that an emulated link joins.",
        discussion: """
            The hosts are network namespaces of this machine; none of their packets leaves it. Works as root, and without \
            where the kernel allows user namespaces. See docs/lab.md.
            """,
        subcommands: [LabRunCommand.self, LabProfilesCommand.self]
    )
}

/// `sluice lab profiles`: the links that have names.
struct LabProfilesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profiles",
        abstract: "List the named links, and what each one stands for."
    )

    func run() throws {
        for profile in LinkProfile.all {
            print("\(profile.name): \(profile.explanation)")
            print("    \(profile.text)")
            print("    round-trip time \(LabText.milliseconds(profile.specification.roundTripTime)) ms")
        }
        print(
            "A delay is one-way. 'up' is from host a to host b. A profile can be changed: dsl-bloated,aqm=codel"
        )
    }
}
