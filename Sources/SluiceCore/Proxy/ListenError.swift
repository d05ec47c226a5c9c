/// Why a proxy does not listen as it was told to.
public struct ListenError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Cause: Sendable, Equatable {
        case system(SystemError)
        /// This host has no group of that name.
        case noGroup(String)
        /// The socket stays, and `original: {via: tproxy}` is one of its settings.
        case isSteeredOtherwise
        /// A drain has been announced: nothing is opened any more.
        case isDraining
    }

    public let cause: Cause
    /// Whose listener it is. `nil`: that of no one route.
    public let route: String?
    /// As it is configured.
    public let address: ListenAddress?

    init(_ cause: Cause, route: String? = nil, address: ListenAddress? = nil) {
        self.cause = cause
        self.route = route
        self.address = address
    }

    /// Without the route, which whoever reports it names.
    public var description: String {
        switch cause {
        case .system(let error): error.description
        case .noGroup(let group): "\(address?.description ?? "listen"): this host has no group '\(group)'"
        case .isSteeredOtherwise:
            "\(address?.description ?? "listen"): 'via' changes to or from tproxy with a new socket only: "
                + "change the address as well, or start anew"
        case .isDraining: "the proxy is draining"
        }
    }
}
