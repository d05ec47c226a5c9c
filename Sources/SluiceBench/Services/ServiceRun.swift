import Foundation
import SluiceCore

/// Requests to an application that keeps its answers in a cache, one after the other, as its user sees them:
///
/// GET in Redis (a miss), SELECT in PostgreSQL, a completion of a model, SET in Redis; then the same request again, which
/// the cache answers. What has no address is left out. Redis and PostgreSQL keep their connections, as an application's
/// pool does; each completion has a connection of its own.
public struct ServiceRun: Sendable {
    public var plan: ServicePlan
    /// As it was typed, for the result.
    public var command: [String] = []

    public init(_ plan: ServicePlan) { self.plan = plan }

    /// Opens the connections, waits until the services are ready, and measures until the plan's end or until `stop`
    /// opens. Blocks its thread.
    ///
    /// Throws when a service cannot be used at all. What breaks later is the result's `problem`.
    public func run(stop: Gate = Gate()) throws(BenchError) -> ServiceResult {
        let application: CachingApplication
        do {
            application = try CachingApplication(plan, stop)
        } catch {
            throw Self.explain(error)
        }
        let date = Date().ISO8601Format()
        let start = BenchClock.now
        var problem: BenchError?
        do {
            let end = start + BenchClock.nanoseconds(plan.seconds)
            while BenchClock.now < end, !stop.isOpen { try application.serve() }
        } catch {
            problem = Self.explain(error)
        }
        return ServiceResult(
            plan: plan,
            command: command,
            date: date,
            seconds: Double(BenchClock.now - start) / 1e9,
            wasInterrupted: stop.isOpen,
            problem: problem == .stoppedEarly ? nil : problem?.description,
            facts: .current(),
            latencies: LatencyResult.merged(application.recorders.results),
            tallies: application.recorders.tallies
        )
    }

    private static func explain(_ error: any Error) -> BenchError {
        (error as? BenchError) ?? .lost("\(error)")
    }
}
