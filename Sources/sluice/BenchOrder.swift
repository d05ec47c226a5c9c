import Foundation
import SluiceBench

/// What passes between `sluice bench client --link` and the process that it starts in the lab to be the client: a directory
/// with the order, a file that appears when the measurement begins, and the result.
struct BenchOrder: Codable {
    var plan: BenchPlan
    /// Of the bench server.
    var address: String
    var connectTimeout: Double
    var observedPID: Int32?
    /// Interval lines on standard output.
    var showsLines: Bool

    /// The directory of an order. Whoever made it removes it.
    struct Desk {
        let directory: URL

        private var order: URL { directory.appendingPathComponent("order.json") }
        private var begun: URL { directory.appendingPathComponent("begun") }
        private var result: URL { directory.appendingPathComponent("result.json") }

        func place(_ order: BenchOrder) throws { try JSONEncoder().encode(order).write(to: self.order) }
        func take() throws -> BenchOrder {
            try JSONDecoder().decode(BenchOrder.self, from: Data(contentsOf: order))
        }

        func noteBegin() { _ = FileManager.default.createFile(atPath: begun.path, contents: nil) }
        var hasBegun: Bool { access(begun.path, F_OK) == 0 }

        func deliver(_ result: BenchResult) throws { try Data(result.json.utf8).write(to: self.result) }
        /// Nil when there is none.
        func collect() throws -> BenchResult? {
            guard let data = try? Data(contentsOf: result) else { return nil }
            return try BenchResult(json: String(decoding: data, as: UTF8.self))
        }
    }
}
