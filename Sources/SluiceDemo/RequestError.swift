// What a client is told when its request cannot be answered.

import FlyingFox

/// A request that the origin refuses: the HTTP status, and a message for a person.
struct RequestError: Error, Equatable {
    var status: HTTPStatusCode = .badRequest
    var message: String
}
