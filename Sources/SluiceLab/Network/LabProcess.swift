import CSluiceLab
import Glibc

/// Where a program's output goes.
public enum LabOutput: Sendable {
    /// To the same place as this process's.
    case inherit
    /// To this process's standard error.
    case standardError
    case discard
    /// To a file, which is made anew.
    case file(path: String)
}

/// How a program ended.
public enum LabExit: Sendable, Hashable {
    case exited(Int32)
    case killed(signal: Int32)

    /// As a shell counts it: 128 and the signal's number.
    public var code: Int32 {
        switch self {
        case .exited(let code): code
        case .killed(let signal): 128 + signal
        }
    }
}

/// A program in a host. May be used from any thread.
public final class LabProcess: Sendable {
    /// Also the number of its process group.
    public let pid: Int32
    /// Becomes readable when it ends (pidfd_open(2)).
    private let descriptor: Int32
    private let exit = Locked<LabExit?>(nil)

    init(pid: Int32) throws(LabError) {
        self.pid = pid
        descriptor = try check(csluicelab_pidfd(pid), "pidfd_open", "\(pid)")
    }

    deinit { close(descriptor) }

    /// How it ended, or nil while it runs. Does not wait.
    public var result: LabExit? { wait(for: .zero) }

    /// Waits until it has ended, blocking the thread; nil when it has not after `limit`. What is left of its process group
    /// is killed then.
    public func wait(for limit: Duration) -> LabExit? {
        let deadline = monotonicNanoseconds() + limit.nanoseconds
        while true {
            if let known = exit.withLock({ $0 }) { return known }
            let pause = max(0, deadline - monotonicNanoseconds())
            if csluicelab_wait(descriptor, -1, -1, Int64(pause)) > 0 { return reap() }
            if pause == 0 { return nil }
        }
    }

    /// Asks its process group to end with SIGTERM, and kills it after `patience`. Waits for the end.
    @discardableResult
    public func terminate(patience: Duration = .seconds(2)) -> LabExit {
        signal(SIGTERM)
        if let exit = wait(for: patience) { return exit }
        signal(SIGKILL)
        // Nobody can ignore that one.
        while true {
            if let exit = wait(for: .seconds(1)) { return exit }
        }
    }

    /// Sends a signal to its process group, unless it has ended.
    public func signal(_ number: Int32) {
        // Under the lock, so that the pid is not reaped and given to somebody else meanwhile.
        exit.withLock { if $0 == nil { kill(-pid, number) } }
    }

    private func reap() -> LabExit {
        exit.withLock { exit in
            if let exit { return exit }
            // Until the leader is reaped, its number cannot belong to anybody else's group.
            kill(-pid, SIGKILL)
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7F
            let result: LabExit = signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
            exit = result
            return result
        }
    }
}
