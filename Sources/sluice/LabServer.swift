import SluiceLab

extension LabProcess {
    /// Waits until a TCP port of `host` is listened on that is not in `known`. False when the program has ended without, when
    /// `isStopped` says so, or after five seconds.
    func listens(on host: LabHost, beside known: Set<UInt16>, unless isStopped: () -> Bool) async throws
        -> Bool
    {
        let deadline = ContinuousClock.now + .seconds(5)
        while ContinuousClock.now < deadline, result == nil, !isStopped() {
            if try !host.listeningPorts().isSubset(of: known) { return true }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return false
    }
}
