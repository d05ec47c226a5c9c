import SluiceLab
import Testing

@testable import SluiceCompare

@Suite struct WorkloadTests {
    @Test(arguments: Workload.allCases)
    func `a load's name reads back, and its scenario measures what its rows ask for`(workload: Workload)
        throws
    {
        #expect(try Workload(parsing: workload.rawValue) == workload)
        let link = try LinkSpecification(parsing: "rate=10mbit,delay=5ms")
        let scenario = Scenario.own(workload, on: link, originLink: nil)
        #expect(scenario.link == link)
        #expect(scenario.originLink == nil)
        #expect(scenario.measures.contains(.goodput))
    }

    @Test func `what names no load says which there are`() {
        let error = #expect(throws: WorkloadError.self) { try Workload(parsing: "downlod") }
        #expect(error?.description.contains("requests-upload") == true)
    }

    @Test(arguments: ["cubic", "bbr"])
    func `a sweep tries no setting twice, whatever the hosts run`(hosts: String) {
        let settings = Comparison.sweepSettings(hosts: hosts)
        #expect(settings.allSatisfy { $0.congestionControl != hosts })
        #expect(Set(settings).count == settings.count)
        #expect(settings.contains { $0.notSentLowat != nil })
    }
}
