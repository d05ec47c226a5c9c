import SluiceBench

/// One HTML page about a comparison. It fetches nothing and runs no script.
public struct ComparePage: Sendable {
    private let result: CompareResult

    public init(_ result: CompareResult) { self.result = result }

    public var html: String { "" }
}
