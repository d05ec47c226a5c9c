import SluiceControl

/// Which place a route has in the workers' counters, through all reloads.
///
/// A route keeps its slot, and what is counted there, as long as it keeps its name; so do its connection counts and the
/// trials of its actuators, whatever else of it changes. When a route is gone and its last connection, too, its slot is another's.
struct RouteSlots {
    private struct Slot {
        let name: String
        let usage = RouteUsage()
        let trials = RouteTrials()
    }

    private var slots: [Slot] = []

    /// Whose each slot is.
    var names: [String] { slots.map(\.name) }

    /// A route for each configuration. A slot is given to another name only where no route of `current` has it and none of
    /// its connections lives.
    mutating func assign(
        _ configurations: [RouteConfiguration],
        classes: [FlowClass: ClassOverrides] = [:],
        current: [Route]
    ) -> [Route] {
        let taken = Set(configurations.map(\.name)).union(current.map(\.name))
        return configurations.map { configuration in
            let slot = slot(for: configuration.name, taken: taken)
            return Route(
                index: slot,
                configuration: configuration,
                classes: classes,
                usage: slots[slot].usage,
                trials: slots[slot].trials,
                before: current.first { $0.name == configuration.name }
            )
        }
    }

    private mutating func slot(for name: String, taken: Set<String>) -> Int {
        if let own = slots.firstIndex(where: { $0.name == name }) { return own }
        let new = Slot(name: name)
        if let free = slots.firstIndex(where: { !taken.contains($0.name) && $0.usage.isIdle }) {
            slots[free] = new
            return free
        }
        slots.append(new)
        return slots.count - 1
    }
}
