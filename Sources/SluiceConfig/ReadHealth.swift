import SluiceCore

/// The `health` section of a route.
enum ReadHealth {
    /// `nil`: there is none, or a problem was reported.
    static func read(_ route: SectionReader) -> HealthConfiguration? {
        guard let section = route.section("health") else { return nil }
        let check = check(section)
        let (interval, timeout) = (section.duration("interval"), section.duration("timeout"))
        let (rise, fall) = (section.count("rise"), section.count("fall"))
        let port = section.count("port").map { UInt16($0) }
        let onUnhealthy = section.choice("on_unhealthy").flatMap(RemovalPolicy.init)
        guard let check else { return nil }
        var health = HealthConfiguration(check: check)
        if let interval { health.interval = interval }
        if let timeout { health.timeout = timeout }
        if let rise { health.rise = rise }
        if let fall { health.fall = fall }
        health.port = port
        if let onUnhealthy { health.onUnhealthy = onUnhealthy }
        return health
    }

    /// Every key that only one kind of check has, with that kind.
    private static let owners = [
        ("user", "postgres"), ("path", "http"), ("host", "http"), ("status", "http"),
        ("send", "send_expect"), ("expect", "send_expect"),
    ]

    private static func check(_ section: SectionReader) -> HealthCheck? {
        guard let kind = section.choice("check") else { return nil }
        for (key, owner) in owners where section.node(key) != nil && kind != owner {
            section.report("the check is \(kind) (allowed: with check: \(owner))", key)
        }
        switch kind {
        case "postgres": return .postgres(user: section.word("user") ?? "sluice")
        case "redis": return .redis
        case "http":
            let (path, host) = (section.word("path") ?? "/", section.word("host") ?? "sluice")
            guard let status = section.statuses("status") else { return .http(path: path, host: host) }
            return .http(path: path, host: host, status: status)
        case "send_expect":
            guard let expect = section.text("expect") else {
                if section.node("expect") == nil {
                    section.report("check send_expect needs what to expect (allowed: expect: text)", "expect")
                }
                return nil
            }
            return .sendExpect(send: section.text("send") ?? "", expect: expect)
        default: return .tcp
        }
    }
}
