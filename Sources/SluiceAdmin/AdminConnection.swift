import FlyingFox
import FlyingSocks
import Foundation

/// One client of the admin server, from its first request to its last.
struct AdminConnection {
    let socket: AsyncSocket
    let endpoints: AdminEndpoints

    /// Answers until the client leaves, fails to send a request within bounds, or asks for the end.
    func serve() async throws {
        var reader = AdminRequestReader(socket: socket)
        do {
            while let (request, keepsAlive) = try await reader.next() {
                let response = await endpoints.respond(to: request)
                try await send(response, keepsAlive: keepsAlive)
                guard keepsAlive else { return }
            }
        } catch let error as AdminRequestError {
            try await send(.text(error.status, "\(error.explanation)\n"), keepsAlive: false)
        }
    }

    private func send(_ response: HTTPResponse, keepsAlive: Bool) async throws {
        var head = "HTTP/1.1 \(response.statusCode.code) \(response.statusCode.phrase)\r\n"
        for (name, value) in response.headers { head += "\(name.rawValue): \(value)\r\n" }
        head += "Connection: \(keepsAlive ? "keep-alive" : "close")\r\n\r\n"
        try await socket.write(Data(head.utf8) + (try await response.bodyData))
    }
}

/// So many at a time; whoever accepts waits for a place.
actor ConnectionPlaces {
    private var free: Int
    private var waiting: CheckedContinuation<Void, Never>?

    init(_ count: Int) { free = count }

    /// Waits until there is a place. One caller at a time.
    func take() async {
        if free == 0 { await withCheckedContinuation { waiting = $0 } }
        free -= 1
    }

    func giveBack() {
        free += 1
        waiting?.resume()
        waiting = nil
    }
}
