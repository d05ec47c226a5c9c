public struct ReportPage {
    public init(_ results: [BenchResult]) {}
    public var html: String { "" }
}
