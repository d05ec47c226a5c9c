import Glibc

/// Keeps the processors from sleeping while it lives, where this process may ask for that.
///
/// A sleeping processor takes 5 µs to wake up where it is real, and 50 to 150 µs in a virtual machine, for which the hypervisor
/// has to run it again. A packet on an otherwise quiet link wakes up one at every hop, and all of that counts as delay. The
/// kernel lets no processor sleep while somebody holds `/dev/cpu_dma_latency` with 0 in it
/// (Documentation/power/pm_qos_interface.rst); cyclictest does the same. It takes root, and costs power.
final class AwakeProcessors: Sendable {
    /// Negative where it is not allowed, or the kernel has none: then delays are those of processors that sleep.
    private let device = open("/dev/cpu_dma_latency", O_WRONLY | O_CLOEXEC)

    init() {
        var microseconds: Int32 = 0
        // Not listened to: where the kernel refuses, there is nothing to be done.
        if device >= 0 { _ = write(device, &microseconds, MemoryLayout<Int32>.size) }
    }

    deinit { if device >= 0 { close(device) } }
}
