import SluiceControl
import Testing

@testable import SluiceCore

@Suite struct KernelCheckTests {
    private func problems(_ policy: Policy) -> [String] {
        var route = RouteConfiguration(
            name: "web",
            listen: [ListenAddress(.ip("127.0.0.1", port: 1))],
            origin: OriginAddress(.ip("127.0.0.1", port: 2))
        )
        route.policy = policy
        return KernelCheck.problems(of: Configuration(routes: [route]))
    }

    @Test func anUnknownCongestionControlIsNamedWithThoseThatAreThere() throws {
        let sizes = StaticSizes(ringBytes: 4096, congestionControl: CongestionControl("no-such"))
        let problem = try #require(problems(.fixed(sizes)).first)
        #expect(problem.hasPrefix("route 'web': static.congestion_control: "))
        #expect(problem.contains("'no-such'"))
        // Reno is built into every kernel.
        #expect(problem.contains("allowed: kernel, ") && problem.contains("reno"))
    }

    @Test func whatTheKernelHasIsNoProblem() {
        #expect(problems(.fixed(StaticSizes(ringBytes: 4096, congestionControl: .reno))).isEmpty)
        #expect(problems(.fixed(StaticSizes(ringBytes: 4096))).isEmpty)
        #expect(problems(.adaptive).isEmpty)
    }
}
