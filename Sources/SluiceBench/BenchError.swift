import Glibc
import SluiceCore

/// Why a run did not come about, or broke off. The description says what to do where that is known.
public enum BenchError: Error, Sendable, Equatable, CustomStringConvertible {
    /// No address to connect to, or to listen on.
    case unusableAddress(String, reason: String)
    case refused(String)
    case noAnswer(String, seconds: Double)
    /// Something listens there, and it is no bench server.
    case notABenchServer(String, reason: String)
    case versionMismatch(String, server: UInt16, client: UInt16)
    case busy(String)
    /// The server does not run this plan, and says why.
    case rejected(String)
    /// The connection broke during the run.
    case lost(String)
    /// A service that requests go to: which one and where, and what is wrong with it.
    case service(String, reason: String)
    /// A local step failed.
    case system(SystemError)
    /// Stopped before anything was measured.
    case stoppedEarly

    init(connecting target: String, _ error: SystemError, seconds: Double) {
        switch error.code {
        case ECONNREFUSED: self = .refused(target)
        case ETIMEDOUT: self = .noAnswer(target, seconds: seconds)
        default: self = .unusableAddress(target, reason: String(cString: strerror(error.code)))
        }
    }

    public var description: String {
        switch self {
        case .unusableAddress(let target, let reason):
            "cannot use \(target): \(reason)"
        case .refused(let target):
            "\(target) refused the connection: no bench server listens there (start one with 'sluice bench server')"
        case .noAnswer(let target, let seconds):
            "\(target) did not answer within \(seconds.trimmed) s: is the address right, and does a firewall drop it?"
        case .notABenchServer(let target, let reason):
            "\(target) is no sluice bench server: \(reason)"
        case .versionMismatch(let target, let server, let client):
            "\(target) speaks version \(server) of the bench protocol, this client version \(client): "
                + "use the same release of sluice on both sides"
        case .busy(let target):
            "\(target) is busy with another run: try again when it has ended"
        case .rejected(let reason):
            "the server rejected the run: \(reason)"
        case .lost(let reason):
            "the run broke off: \(reason)"
        case .service(let service, let reason):
            "\(service): \(reason)"
        case .system(let error):
            error.description
        case .stoppedEarly:
            "stopped before anything was measured"
        }
    }
}

extension Double {
    /// Without a needless `.0`.
    var trimmed: String { self == rounded() && magnitude < 1e15 ? String(Int64(self)) : String(self) }
}
