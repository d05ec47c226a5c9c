/// What `sluice run --demo` tells: where everything is, and what to type.
struct DemoGuide {
    let proxy: String
    let origin: String
    /// `nil` when the admin server is off.
    let admin: String?

    func print() {
        Swift.print(text)
        flushOutput()
    }

    private var text: String {
        var lines = [
            "",
            "  Sluice listens on \(proxy), in front of the demo origin on \(origin).",
            admin.map { "  The admin server listens on \($0)." } ?? "  The admin server is off.",
            "",
            "  A token stream:  curl -N http://\(proxy)/api/generate -d '{\"prompt\":\"why is the sky blue?\"}'",
            "  A download:      curl -o /dev/null http://\(proxy)/bytes?size=1G",
        ]
        if let admin { lines.append("  The metrics:     curl http://\(admin)/metrics") }
        lines += ["", "  Ctrl-C drains.", ""]
        return lines.joined(separator: "\n")
    }
}
