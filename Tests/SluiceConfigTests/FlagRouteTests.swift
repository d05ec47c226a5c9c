import SluiceConfig
import SluiceControl
import SluiceCore
import Testing

@Suite struct FlagRouteTests {
    @Test func makesARoute() throws {
        let route = try RouteConfiguration(
            listenFlags: [":5432"],
            toFlag: "db.example:5432",
            classFlag: "database"
        )
        var expected = RouteConfiguration(
            name: "default",
            listen: [ListenAddress(.ip("::", port: 5432))],
            origin: OriginAddress(.name("db.example", port: 5432))
        )
        expected.flowClass = .database
        #expect(route == expected)
    }

    @Test func aMissingOrAutomaticClassIsGuessedLater() throws {
        for flag in [nil, "auto"] {
            #expect(
                try RouteConfiguration(listenFlags: [":1"], toFlag: "a:1", classFlag: flag).flowClass == nil
            )
        }
    }

    @Test func reportsEveryFlagAtOnce() {
        let problems = #expect(throws: ConfigurationProblems.self) {
            try RouteConfiguration(listenFlags: ["nowhere"], toFlag: ":5432", classFlag: "databse")
        }
        #expect(
            problems?.description == """
                --listen: 'nowhere' is not an address: it has no port (allowed: 127.0.0.1:5432, [::1]:5432, name:5432, :5432, unix:/path)
                --to: ':5432' is not an address: an origin needs a host (allowed: 127.0.0.1:5432, [::1]:5432, name:5432, srv:_service._tcp.example, unix:/path)
                --class: 'databse' is not a class (did you mean 'database'? allowed: auto, llm, database, cache, network, telemetry)
                """
        )
    }

    @Test func refusesALoopAndAnEmptyList() {
        for flag in ["127.0.0.1:80", ":80", "localhost:80"] {
            #expect(throws: ConfigurationProblems.self) {
                try RouteConfiguration(listenFlags: [flag], toFlag: "127.0.0.1:80", classFlag: nil)
            }
        }
        #expect(throws: ConfigurationProblems.self) {
            try RouteConfiguration(listenFlags: [], toFlag: "127.0.0.1:80", classFlag: nil)
        }
    }
}
