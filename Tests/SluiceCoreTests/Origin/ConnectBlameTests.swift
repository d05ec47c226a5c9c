import Glibc
import Testing

@testable import SluiceCore

/// Which failed attempts count against an origin: no client, and no setting, shall talk one out of service.
@Suite struct ConnectBlameTests {
    @Test(arguments: [ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ECONNRESET])
    func aConnectThatFailedIsTheOrigins(code: Int32) {
        #expect(!SystemError(code: code, call: "connect").isOurs)
    }

    @Test(arguments: [EADDRNOTAVAIL, EMFILE, ENOBUFS])
    func whatThisHostIsShortOfIsNot(code: Int32) {
        #expect(SystemError(code: code, call: "connect").isOurs)
    }

    @Test(arguments: ["socket", "bind", "setsockopt SO_MARK", "uv_poll_init"])
    func aSocketThatCouldNotBeMadeIsNot(call: String) {
        #expect(SystemError(code: EPERM, call: call).isOurs)
        #expect(SystemError(code: EAFNOSUPPORT, call: call).isOurs)
    }
}
