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
    /// The rows of the founding table that come from here.
    public var claims: [Claim]
    /// What `claims` are measured against.
    public var baseline: Candidate

    public init(
        _ name: String,
        _ summary: String,
        link: LinkSpecification? = nil,
        originLink: LinkSpecification? = nil,
        congestionControl: String? = nil,
        load: any Load,
        seconds: Double,
        measures: [Measure],
        claims: [Claim] = [],
        baseline: Candidate = .kernel
    ) {
        precondition(!measures.isEmpty && (originLink == nil || link != nil))
        precondition(claims.allSatisfy { measures.contains($0.measure) })
        self.name = name
        self.summary = summary
        self.link = link
        self.originLink = originLink
        self.congestionControl = congestionControl
        self.load = load
        self.seconds = seconds
        self.measures = measures
        self.claims = claims
        self.baseline = baseline
    }

    /// The first of `measures`.
    public var primary: Measure { measures[0] }

    /// From the client on.
    var links: [LinkSpecification] { [link, originLink].compactMap { $0 } }
}

/// A row of the table that the project was founded on: what Sluice is there for, and the measure that shows it.
public struct Claim: Codable, Sendable, Hashable {
    public var title: String
    /// One of the scenario's.
    public var measure: Measure

    public init(_ title: String, _ measure: Measure) {
        self.title = title
        self.measure = measure
    }
}
