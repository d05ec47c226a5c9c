/// A load of the bench's own, for a path that no named scenario has.
public enum Workload: String, Sendable, CaseIterable {
    case download, upload, tokens, freshness
    case requestsBesideDownload = "requests-download"
    case requestsBesideUpload = "requests-upload"

    /// Those that `RandomCells` draws from, in an order that a seed stands for.
    static let drawn: [Workload] = [.download, .requestsBesideDownload, .requestsBesideUpload, .tokens]

    /// Reads a `rawValue`.
    public init(parsing text: String) throws(WorkloadError) {
        guard let known = Workload(rawValue: text) else { throw WorkloadError(text) }
        self = known
    }

    var title: String {
        switch self {
        case .download: "A download"
        case .upload: "An upload"
        case .requestsBesideDownload: "Requests beside a download"
        case .requestsBesideUpload: "Requests beside an upload"
        case .tokens: "Token streams beside a download"
        case .freshness: "A reader of a source that always has newer data"
        }
    }

    var load: BenchLoad {
        switch self {
        case .download: BenchLoad(["--mode", "stream", "--reverse"])
        case .upload: BenchLoad(["--mode", "stream"])
        case .requestsBesideDownload: .requestsBesideBulk(["--reverse"])
        case .requestsBesideUpload: .requestsBesideBulk()
        case .tokens: .tokensBesideDownload
        case .freshness: BenchLoad(["--mode", "freshness", "--reverse"])
        }
    }

    var measures: [Measure] {
        switch self {
        case .download, .upload: [.goodput, .memoryHeld]
        case .requestsBesideDownload, .requestsBesideUpload:
            [.responseP99, .responseP50, .responseP95, .goodput, .memoryHeld]
        case .tokens: [.firstTokenP95, .tokenGapP99, .goodput, .memoryHeld]
        case .freshness: [.ageP95, .ageP50, .goodput]
        }
    }
}

/// Why a text names no workload.
public struct WorkloadError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    init(_ text: String) {
        let allowed = Workload.allCases.map(\.rawValue).joined(separator: ", ")
        description = "'\(text)' is no load (allowed: \(allowed))"
    }
}
