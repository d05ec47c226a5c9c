// How a route learns who its client is and where it wants to go, and what the origin sees of that.

/// Which version of the PROXY protocol is sent to the origin.
public enum SendProxy: String, Sendable, CaseIterable {
    case v1, v2
}

/// Clients that come through another proxy, which says with a PROXY header who they are.
public struct AcceptProxyConfiguration: Sendable, Equatable {
    /// What becomes of a connection from elsewhere.
    public enum Others: String, Sendable, CaseIterable {
        case refuse
        /// Taken for what it is. A header is not looked for: who is not trusted could write anything into it.
        case direct
    }

    /// Whose connections begin with a header. It must be there.
    public var from: [AddressPrefix]
    public var others = Others.refuse
    /// How long the header may take. The specification asks for 3 s at least, which one lost segment may cost.
    public var timeout: Duration = .seconds(5)

    public init(from: [AddressPrefix]) {
        self.from = from
    }
}

/// Connections that the packet filter has steered here, to be relayed to where they wanted to go.
public struct OriginalDestinationConfiguration: Sendable, Equatable {
    /// How they are steered.
    public enum Via: String, Sendable, CaseIterable {
        /// By nftables' `redirect`: connection tracking knows the destination (`SO_ORIGINAL_DST`).
        case redirect
        /// By nftables' `tproxy`: the destination is the socket's own address (`IP_TRANSPARENT`).
        case tproxy
    }

    public var via = Via.redirect
    /// Every other destination is refused.
    public var allow: [DestinationRule]

    public init(allow: [DestinationRule]) {
        self.allow = allow
    }
}

/// The address that an origin sees.
public enum SourceAddress: String, Sendable, CaseIterable {
    /// One of this host's, as the kernel chooses.
    case own
    /// The client's, with a port of the kernel's choice (`IP_TRANSPARENT`).
    case client
}
