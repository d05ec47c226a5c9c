import CSluiceLab
import Glibc

/// Owns the descriptors that keep the hosts' namespaces alive, and closes them when it goes.
final class NamespaceDescriptors: Sendable {
    /// -1 when this process is privileged and needs no user namespace.
    let user: Int32
    let hosts: [Int32]

    init(hosts count: Int) throws(LabError) {
        var made: [Int32] = []
        let (user, first) = try Self.userAndFirstHost()
        made.append(first)
        while made.count < count {
            let next = csluicelab_new_network_namespace(user)
            guard next >= 0 else {
                for descriptor in made + [user] where descriptor >= 0 { close(descriptor) }
                throw LabRefusal.networkNamespace(code: -next, inUserNamespace: user >= 0)
            }
            made.append(next)
        }
        self.user = user
        hosts = made
    }

    deinit {
        for descriptor in hosts + [user] where descriptor >= 0 { close(descriptor) }
    }

    /// Without privilege a network namespace can be made only inside a user namespace.
    private static func userAndFirstHost() throws(LabError) -> (user: Int32, host: Int32) {
        let direct = csluicelab_new_network_namespace(-1)
        if direct >= 0 { return (-1, direct) }
        guard direct == -EPERM else {
            throw LabRefusal.networkNamespace(code: -direct, inUserNamespace: false)
        }
        let user = csluicelab_new_user_namespace()
        guard user >= 0 else { throw LabRefusal.userNamespace(code: -user) }
        let host = csluicelab_new_network_namespace(user)
        guard host >= 0 else {
            close(user)
            throw LabRefusal.networkNamespace(code: -host, inUserNamespace: true)
        }
        return (user, host)
    }
}
