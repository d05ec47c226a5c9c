import SluiceLab

/// A load on a path: what every candidate is put into.
public struct Scenario: Sendable {
    /// How it is asked for on the command line.
    public var name: String
    /// One sentence: what happens, and whose situation it is.
    public var summary: String
    /// Between client and proxy. `nil`: client, proxy and origin share a host and talk over loopback.
    public var link: LinkSpecification?
    /// Between proxy and origin, whose host is then another one. `nil`: the origin runs beside the proxy.
    public var originLink: LinkSpecification?
    /// The congestion control of all hosts. `nil`: that of the comparison.
    public var congestionControl: String?
    public var load: any Load
    /// How long one trial measures.
    public var seconds: Double
    /// What comes out. The first one is the primary measure: the best static setting is the best by it.
    public var measures: [Measure]

    public init(
        _ name: String,
        _ summary: String,
        link: LinkSpecification? = nil,
        originLink: LinkSpecification? = nil,
        congestionControl: String? = nil,
        load: any Load,
        seconds: Double,
        measures: [Measure]
    ) {
        precondition(!measures.isEmpty && (originLink == nil || link != nil))
        self.name = name
        self.summary = summary
        self.link = link
        self.originLink = originLink
        self.congestionControl = congestionControl
        self.load = load
        self.seconds = seconds
        self.measures = measures
    }

    /// The first of `measures`.
    public var primary: Measure { measures[0] }

    /// From the client on.
    var links: [LinkSpecification] { [link, originLink].compactMap { $0 } }
}
