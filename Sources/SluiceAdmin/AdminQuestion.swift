import FlyingFox
import FlyingSocks
import Foundation
import SluiceCore

/// Asks the admin server of a running Sluice, from another process.
public struct AdminQuestion: Sendable {
    private let admin: ListenAddress
    private let token: String?

    /// - Parameter tokenFile: with the token that the server asks for. Throws what is wrong with it.
    public init(to admin: ListenAddress, tokenFile: String? = nil) throws(AdminTokenError) {
        self.admin = admin
        if let tokenFile {
            token = String(decoding: try AdminAuthority.read(tokenFile), as: UTF8.self)
        } else {
            token = nil
        }
    }

    /// The connections of a client: `host:port`, or a host, without brackets.
    public func connections(of client: String) async throws -> [ConnectionReport] {
        try await read([ConnectionReport].self, at: "/connections").filter { $0.isOf(client) }
    }

    /// One connection, with its last decisions. `nil`: there is none of this id.
    public func connection(_ id: UInt64) async throws -> ConnectionReport? {
        do {
            return try await read(ConnectionReport.self, at: "/connections/\(id)")
        } catch AdminAnswerError.status(404, _) {
            return nil
        }
    }

    private func read<Document: Decodable>(_ type: Document.Type, at path: String) async throws -> Document {
        let (status, body) = try await get(path)
        guard status == .ok else {
            throw AdminAnswerError.status(status.code, String(decoding: body, as: UTF8.self))
        }
        return try JSONDecoder().decode(type, from: body)
    }

    /// From the first of the server's addresses that answers.
    private func get(_ path: String) async throws -> (HTTPStatusCode, Data) {
        var last: any Error = AdminServerError(
            address: admin.description,
            problem: "the name has no address"
        )
        for address in try AdminListenAddress.resolve(admin) {
            do {
                return try await get(path, from: AdminListenAddress.literal(address))
            } catch {
                last = error
            }
        }
        throw last
    }

    private func get(
        _ path: String,
        from address: some FlyingSocks.SocketAddress
    ) async throws -> (HTTPStatusCode, Data) {
        var headers = [HTTPHeader("Host"): "sluice", HTTPHeader("Connection"): "close"]
        if let token { headers[.authorization] = "Bearer \(token)" }
        let request = HTTPRequest(
            method: .GET,
            version: .http11,
            path: path,
            query: [],
            headers: headers,
            body: Data()
        )
        var client = HTTPClient()
        let response = try await client.sendHTTPRequest(request, to: address)
        // A long body comes while it is read, from the socket that goes with the client.
        let body = try await response.bodyData
        _ = consume client
        return (response.statusCode, body)
    }
}

/// The admin server's answer was no answer.
public enum AdminAnswerError: Error, CustomStringConvertible {
    case status(Int, String)

    public var description: String {
        switch self {
        case .status(let code, let text): "it says \(code): \(text.drop { $0.isWhitespace })"
        }
    }
}
