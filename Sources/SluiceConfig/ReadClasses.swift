import SluiceControl
import SluiceCore

extension TimeoutOverrides {
    /// `nil`: an absent section.
    init(_ section: SectionReader?) {
        self.init(
            connect: section?.duration("connect"),
            idle: section?.idleTimeout("idle"),
            halfClosed: section?.duration("half_closed")
        )
    }
}

extension ClassOverrides {
    /// The classes that the document changes.
    static func read(_ top: SectionReader) -> [FlowClass: ClassOverrides] {
        guard let classes = top.section("classes") else { return [:] }
        var result: [FlowClass: ClassOverrides] = [:]
        for flowClass in FlowClass.allCases {
            guard let section = classes.section(flowClass.rawValue) else { continue }
            let overrides = ClassOverrides(section)
            // One that is written out as it is anyway is no change.
            if overrides != ClassOverrides() { result[flowClass] = overrides }
        }
        return result
    }

    private init(_ section: SectionReader) {
        self.init()
        queueBudget = section.duration("queue_budget")
        startupNotSentLowat = section.size("notsent_lowat")
        timeouts = TimeoutOverrides(section.section("timeouts"))
    }
}
