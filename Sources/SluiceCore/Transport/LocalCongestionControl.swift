import SluiceControl

/// The congestion control of a leg whose peer is on this host.
///
/// Loopback has no bottleneck to find, but BBR paces every segment there, too. Measured against it: one bulk stream 8 % faster
/// (17.6 to 16.4 Gbit/s), eight 19 % (20.6 to 18.0), streams of 1 KiB writes 20 %; requests and responses the same. Where BBR is the host's default, such legs get Reno instead, which every
/// kernel has built in and every user may set (tcp(7), tcp_allowed_congestion_control).
enum LocalCongestionControl {
    /// Whether the host's default paces, so that there is something to gain.
    static func isWorthwhile(insteadOf inborn: CongestionControl?) -> Bool {
        inborn?.name.hasPrefix("bbr") ?? false
    }

    /// Returns whether the kernel agreed.
    static func set(on descriptor: Int32) -> Bool { CongestionControl.reno.set(on: descriptor) == 0 }
}
