import SluiceBench

/// How a candidate looks: the same in every chart.
struct CandidateStyle {
    var colour: Int
    var dash: Chart.Dash

    /// - Parameter all: the candidates of the comparison: static settings share a colour, and differ by their dashes.
    init(_ name: String, among all: [String]) {
        switch name {
        case Candidate.direct.name: (colour, dash) = (7, .dotted)
        case Candidate.kernel.name: (colour, dash) = (0, .solid)
        case Candidate.adaptive.name: (colour, dash) = (1, .solid)
        case Candidate.bestStatic.name: (colour, dash) = (2, .dashed)
        case Peer.haproxy.rawValue: (colour, dash) = (3, .dashed)
        case Peer.nginx.rawValue: (colour, dash) = (5, .dashed)
        case Peer.envoy.rawValue: (colour, dash) = (6, .dashed)
        default:
            let place = all.filter { $0.hasPrefix("static-") }.firstIndex(of: name) ?? 0
            (colour, dash) = (4, [.dotted, .dashed, .solid][place % 3])
        }
    }
}
