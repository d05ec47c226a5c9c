import Logging
import SluiceCore
public struct AdminServerError: Error, CustomStringConvertible { public var description: String { "" } }
public actor AdminServer {
    let l: ListenAddress
    public init(inspection: any ProxyInspection, listen: ListenAddress, logger: Logger) { l = listen }
    public func start() async throws(AdminServerError) -> ListenAddress { l }
    public func stop() async {}
}
