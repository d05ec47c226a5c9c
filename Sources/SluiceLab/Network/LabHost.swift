import CSluiceLab
import Glibc

/// A host of the lab: a network namespace with a loopback device and a device for each link that ends here.
public final class LabHost: Sendable {
    /// Its place in the chain, from 0.
    public let index: Int
    private let keepAlive: NamespaceDescriptors
    /// A datagram socket in the host, through which it is configured.
    private let control: Int32

    /// `a`, `b`, `c`, ... by place.
    public var name: String { String(UnicodeScalar(UInt8(97 + index))) }

    init(index: Int, in namespaces: NamespaceDescriptors, congestionControl: String?) throws(LabError) {
        self.index = index
        keepAlive = namespaces
        let inside = csluicelab_namespaces(user: namespaces.user, network: namespaces.hosts[index])
        control = try check(
            csluicelab_socket(inside, AF_INET, Int32(SOCK_DGRAM.rawValue), 0),
            "socket in host"
        )
        // Router solicitations and listener reports are packets that nobody sent.
        try? set("net/ipv6/conf/all/disable_ipv6", "1")
        try? set("net/ipv6/conf/default/disable_ipv6", "1")
        try check(csluicelab_set_up(control, "lo"), "ioctl SIOCSIFFLAGS", "lo")
        if let congestionControl { try set(congestionControl: congestionControl) }
    }

    deinit { close(control) }

    /// The address that other hosts reach it by. The first host's is on its first link, every other's on the link before
    /// it: what a client connects to.
    public var address: String {
        index == 0 ? Self.text(link: 0, side: 1) : Self.text(link: index - 1, side: 2)
    }

    /// Makes a socket that lives in this host wherever it is used: an asynchronous task must not change its thread's
    /// namespace. The caller closes it. Arguments as in socket(2); it is close-on-exec.
    public func socket(domain: Int32, type: Int32, protocol number: Int32 = 0) throws(LabError) -> Int32 {
        try check(csluicelab_socket(inside, domain, type, number), "socket in host", name)
    }

    /// Opens a file as this host sees it, for `/proc/net` and `/proc/sys/net`: `/proc/net/snmp` has its TCP counters. The
    /// caller closes it.
    public func open(_ path: String, flags: Int32 = O_RDONLY) throws(LabError) -> Int32 {
        try check(csluicelab_open(inside, path, flags), "open in host \(name)", path)
    }

    var inside: csluicelab_namespaces {
        csluicelab_namespaces(user: keepAlive.user, network: keepAlive.hosts[index])
    }

    /// Makes the device of a link's end here. The caller owns the descriptor; closing it removes the device.
    func makeDevice(link: Int, side: UInt32) throws(LabError) -> Int32 {
        let tun = csluicelab_open(inside, "/dev/net/tun", O_RDWR | O_NONBLOCK)
        guard tun >= 0 else { throw LabRefusal.tun(code: -tun) }
        do throws(LabError) {
            let device = Self.device(link)
            try check(csluicelab_tun_attach(tun, device), "ioctl TUNSETIFF", device)
            // Between two reads of the emulator a host can send a whole window. Drops here would be none of the link's.
            let netlink = try socket(domain: AF_NETLINK, type: Int32(SOCK_RAW.rawValue), protocol: 0)
            defer { close(netlink) }
            try check(
                csluicelab_set_queue_length(control, netlink, device, 16_384),
                "netlink IFLA_TXQLEN",
                device
            )
            try check(csluicelab_set_mtu(control, device, 1500), "ioctl SIOCSIFMTU", device)
            try check(
                csluicelab_set_address(control, device, Self.address(link: link, side: side), 0xFFFF_FF00),
                "ioctl SIOCSIFADDR",
                device
            )
            try check(csluicelab_set_up(control, device), "ioctl SIOCSIFFLAGS", device)
            return tun
        } catch {
            close(tun)
            throw error
        }
    }

    /// To the links that do not end here.
    func addRoutes(linkCount: Int) throws(LabError) {
        for link in 0..<linkCount where link != index && link != index - 1 {
            let device = Self.device(link < index ? index - 1 : index)
            try check(
                csluicelab_add_route(control, device, Self.address(link: link, side: 0), 0xFFFF_FF00),
                "ioctl SIOCADDRT",
                device
            )
        }
        if index > 0, index < linkCount { try set("net/ipv4/ip_forward", "1") }
    }

    static func device(_ link: Int) -> String { "link\(link)" }

    private static func address(link: Int, side: UInt32) -> UInt32 { 0x0A4D_0000 | UInt32(link) << 8 | side }

    private static func text(link: Int, side: Int) -> String { "10.77.\(link).\(side)" }

    private func set(congestionControl name: String) throws(LabError) {
        let file = try open("/proc/sys/net/ipv4/tcp_congestion_control", flags: O_WRONLY)
        defer { close(file) }
        if write(file, name, name.utf8.count) < 0 { throw LabRefusal.congestionControl(name, code: errno) }
    }

    private func set(_ path: String, _ value: String) throws(LabError) {
        let file = try open("/proc/sys/" + path, flags: O_WRONLY)
        defer { close(file) }
        if write(file, value, value.utf8.count) < 0 { throw LabError.system("write", path, errno) }
    }
}
