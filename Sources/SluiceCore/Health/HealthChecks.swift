/// The checkers of all origins, as the configuration has them. Owned by one worker; thread: its loop's.
final class HealthChecks {
    private let context: RelayContext
    private var checkers: [HealthChecker] = []

    init(context: RelayContext) {
        self.context = context
    }

    /// From now on the origins of `routes` are checked, and no others. A check that stays as it was goes on undisturbed, and an
    /// origin's verdict stays until the first result of a new check.
    func use(_ routes: [Route]) {
        var before = checkers
        checkers.removeAll()
        for route in routes {
            for origin in route.origins {
                guard let health = route.configuration.health else {
                    origin.record.passesChecks = true
                    continue
                }
                if let index = before.firstIndex(where: { $0.isSame(as: origin, of: route, health) }) {
                    checkers.append(before.remove(at: index))
                    checkers.last!.goOn(for: origin, of: route)
                } else {
                    checkers.append(HealthChecker(origin, of: route, health, context: context))
                    checkers.last!.start()
                }
            }
        }
        for checker in before { checker.close() }
    }

    func close() {
        for checker in checkers { checker.close() }
        checkers.removeAll()
    }
}
