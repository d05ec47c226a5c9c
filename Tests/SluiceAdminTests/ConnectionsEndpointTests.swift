import Foundation
import Testing

@Suite struct ConnectionsEndpointTests {
    /// The ids that a query lists.
    private func ids(_ query: String) async throws -> [Int] {
        var result: [Int] = []
        try await withAdminServer { address in
            let response = try await AdminClient.request("GET", "/connections\(query)", at: address)
            #expect(response.status == 200)
            #expect(response.headers["content-type"] == "application/json")
            result = try objects(response.body).compactMap { $0["id"] as? Int }
        }
        return result
    }

    private func objects(_ body: String) throws -> [[String: Any]] {
        try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [[String: Any]])
    }

    @Test func everyConnectionOldestFirst() async throws {
        #expect(try await ids("") == [1, 2, 3])
    }

    @Test func filters() async throws {
        #expect(try await ids("?route=llm") == [2, 3])
        #expect(try await ids("?limit=2") == [1, 2])
        #expect(try await ids("?route=llm&limit=1") == [2])
        #expect(try await ids("?limit=0") == [])
        #expect(try await ids("?origin=llm.internal:5432") == [2, 3])
        #expect(try await ids("?origin=llm.internal:5432&route=db") == [])
    }

    @Test(arguments: [
        ("route=nope", "there is no route 'nope'; there are: db, llm\n"),
        ("limit=-1", "limit is '-1'; allowed: a whole number from 0\n"),
        ("limit=x", "limit is 'x'; allowed: a whole number from 0\n"),
    ]) func badQueries(query: String, answer: String) async throws {
        try await withAdminServer { address in
            let response = try await AdminClient.request("GET", "/connections?\(query)", at: address)
            #expect(response.status == 400)
            #expect(response.body == answer)
        }
    }

    @Test func theJSONIsAnInterface() async throws {
        try await withAdminServer { address in
            let response = try await AdminClient.request("GET", "/connections?route=db", at: address)
            let direction = """
                {"bandwidth_bytes_per_second":2000,"bandwidth_delay_product_bytes":500,\
                "congestion_control":"cubic","held_bytes":7,"minimum_round_trip_seconds":0.125,\
                "notsent_lowat_bytes":16384,"pacing_rate_bytes_per_second":1000000,"reason":"receiver_limited",\
                "relayed_bytes":0,"retransmitted_bytes":9,"ring_target_bytes":65536,"round_trip_seconds":0.25,\
                "send_buffer_bytes":262144,"source_window_bytes":65536,"throughput_bytes_per_second":1000,\
                "unsent_bytes":8}
                """
            let unmeasured = """
                {"held_bytes":0,"reason":"startup","relayed_bytes":10,"retransmitted_bytes":0,\
                "ring_target_bytes":0,"unsent_bytes":0}
                """
            let connection = """
                {"age_seconds":1.5,"class":"llm","class_source":"port","client":"192.0.2.1:5000",\
                "downstream":\(direction),"id":1,"idle_seconds":0.5,"origin":"192.0.2.2:11434","route":"db",\
                "state":"open","upstream":\(unmeasured),"worker":1}
                """
            #expect(response.body == "[\(connection)]\n")
        }
    }

    @Test func oneConnectionHasItsDecisions() async throws {
        try await withAdminServer { address in
            let response = try await AdminClient.request("GET", "/connections/2", at: address)
            #expect(response.status == 200)
            let decision = """
                "decisions":[{"bandwidth_bytes_per_second":6250000,"busy_share":1,"changed":["ring","pacing"],\
                "count":1,"direction":"downstream","first_seconds_ago":2.5,"loss_share":0.002,"minimum_round_trip_seconds":0.02,\
                "notsent_lowat_bytes":131072,"pacing_rate_bytes_per_second":6000000,"queue_seconds":0.025,\
                "reason":"queue_building","ring_bytes":65536,"round_trip_seconds":0.045,"seconds_ago":2.5}]
                """
            #expect(response.body.contains(decision))
            #expect(response.body.contains("\"arm\":\"adaptive\""))
        }
    }

    @Test(arguments: [("4", 404), ("x", 400), ("-1", 400), ("2/x", 400)])
    func whatIsNoConnectionIsAnError(id: String, status: Int) async throws {
        try await withAdminServer { address in
            let response = try await AdminClient.request("GET", "/connections/\(id)", at: address)
            #expect(response.status == status)
            #expect(response.body.contains(id))
        }
    }
}
