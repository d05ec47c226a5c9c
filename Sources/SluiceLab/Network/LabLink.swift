import CSluiceLab
import Glibc

/// A running link between two hosts.
public final class LabLink: Sendable {
    public let specification: LinkSpecification
    /// Bytes that may wait in each direction at the start.
    public let queueBytes: (up: Int, down: Int)
    private let emulator: LinkEmulator
    private let upDrops: DeviceDrops
    private let downDrops: DeviceDrops

    init(index: Int, _ specification: LinkSpecification, from first: LabHost, to second: LabHost)
        throws(LabError)
    {
        self.specification = specification
        let up = try DirectionSettings(specification, .up)
        let down = try DirectionSettings(specification, .down)
        queueBytes = (up.queueLimit, down.queueLimit)
        let firstDevice = try first.makeDevice(link: index, side: 1)
        var secondDevice: Int32 = -1
        do throws(LabError) {
            secondDevice = try second.makeDevice(link: index, side: 2)
            upDrops = try DeviceDrops(LabHost.device(index), of: first)
            downDrops = try DeviceDrops(LabHost.device(index), of: second)
            emulator = try LinkEmulator(
                firstDevice: firstDevice,
                secondDevice: secondDevice,
                up: up,
                down: down
            )
        } catch {
            for device in [firstDevice, secondDevice] where device >= 0 { close(device) }
            throw error
        }
    }

    /// Since the start, or since `restartClock`.
    public func statistics() -> LinkStatistics {
        var statistics = emulator.statistics()
        statistics.up.total.dropped.emulator += upDrops.sinceRestart()
        statistics.down.total.dropped.emulator += downDrops.sinceRestart()
        return statistics
    }

    /// Puts all settings back to those of the specification, times its changes from now, and starts the statistics anew.
    /// Packets on their way stay.
    public func restartClock() {
        upDrops.restart()
        downDrops.restart()
        emulator.restartClock()
    }

    func stop() { emulator.stop() }
}

/// Packets that a host's device dropped because the emulator did not read them in time.
private final class DeviceDrops: Sendable {
    private let device: String
    /// The host's `/proc/net/dev`.
    private let file: Int32
    private let baseline = Locked(0)

    init(_ device: String, of host: LabHost) throws(LabError) {
        self.device = device
        file = try host.open("/proc/net/dev")
    }

    deinit { close(file) }

    func sinceRestart() -> Int { total() - baseline.withLock { $0 } }

    func restart() {
        let now = total()
        baseline.withLock { $0 = now }
    }

    /// The twelfth number of the device's line: packets to be sent that were dropped.
    private func total() -> Int {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = pread(file, &bytes, bytes.count, 0)
        guard count > 0 else { return 0 }
        for line in String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n") {
            let fields = line.split { $0 == " " || $0 == ":" }
            if fields.first == device[...], fields.count > 12 { return Int(fields[12]) ?? 0 }
        }
        return 0
    }
}
