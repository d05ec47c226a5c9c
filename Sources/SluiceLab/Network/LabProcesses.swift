import CSluiceLab
import Glibc

/// Starts the programs of a network and ends them.
///
/// The kernel kills a program when the thread that started it ends (PR_SET_PDEATHSIG). So one thread starts them all, and
/// lives until the network is torn down.
final class LabProcesses: Sendable {
    struct Launch: Sendable {
        var command: String
        var arguments: [String]
        var environment: [String: String]
        var host: LabHost
        var output: LabOutput
        var errors: LabOutput
        var inForeground: Bool
    }

    private struct State {
        var processes: [LabProcess] = []
        var thread: JoinedThread?
    }

    private let state = Locked(State())
    private let requests = RequestQueue()

    init() {
        state.withLock { $0.thread = JoinedThread { [requests] in requests.serve() } }
    }

    func spawn(_ launch: Launch) throws(LabError) -> LabProcess {
        let outcome = Locked<Result<LabProcess, LabError>?>(nil)
        requests.perform {
            let result = Result { () throws(LabError) in try launch.start() }
            outcome.withLock { $0 = result }
        }
        guard let result = outcome.withLock({ $0 }) else {
            throw LabError("the network is torn down: '\(launch.command)' cannot start")
        }
        let process = try result.get()
        state.withLock { $0.processes.append(process) }
        return process
    }

    func endAll() {
        let (processes, thread) = state.withLock { state in
            defer { state = State() }
            return (state.processes, state.thread)
        }
        for process in processes { process.signal(SIGTERM) }
        for process in processes { process.terminate() }
        requests.close()
        thread?.join()
    }
}

extension LabProcesses.Launch {
    fileprivate func start() throws(LabError) -> LabProcess {
        let path = try executable()
        var opened: [Int32] = []
        defer { for descriptor in opened { close(descriptor) } }
        func descriptor(_ output: LabOutput, inherited: Int32) throws(LabError) -> Int32 {
            switch output {
            case .inherit: return inherited
            case .standardError: return STDERR_FILENO
            case .discard: opened.append(try Self.open("/dev/null"))
            case .file(let path): opened.append(try Self.open(path))
            }
            return opened[opened.count - 1]
        }
        let input = inForeground ? STDIN_FILENO : try descriptor(.discard, inherited: STDIN_FILENO)
        let output = try descriptor(output, inherited: STDOUT_FILENO)
        let errors = try descriptor(errors, inherited: STDERR_FILENO)
        let argumentList = CStringArray([command] + arguments)
        let environmentList = CStringArray(fullEnvironment())
        let pid = path.withCString { path in
            csluicelab_spawn(
                host.inside,
                csluicelab_command(
                    path: path,
                    arguments: argumentList.pointer,
                    environment: environmentList.pointer,
                    input: input,
                    output: output,
                    error: errors,
                    foreground: inForeground && isatty(STDIN_FILENO) == 1 ? 1 : 0
                )
            )
        }
        return try LabProcess(pid: try check(pid, "start", command))
    }

    private static func open(_ path: String) throws(LabError) -> Int32 {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw LabError.system("open", path, errno) }
        return descriptor
    }

    private func executable() throws(LabError) -> String {
        if command.contains("/") { return command }
        let path = environment["PATH"] ?? getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        for directory in path.split(separator: ":") {
            let candidate = "\(directory)/\(command)"
            if access(candidate, X_OK) == 0 { return candidate }
        }
        throw LabError("'\(command)' is in no directory of PATH (\(path))")
    }

    private func fullEnvironment() -> [String] {
        var merged: [String] = []
        var entry = environ
        while let text = entry.pointee {
            let line = String(cString: text)
            if environment[String(line.prefix { $0 != "=" })] == nil { merged.append(line) }
            entry += 1
        }
        return merged + environment.map { "\($0.key)=\($0.value)" }
    }
}

/// Strings as `execve` wants them; frees them when it goes.
private final class CStringArray {
    private var strings: [UnsafeMutablePointer<CChar>?]
    let pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    init(_ texts: [String]) {
        strings = texts.map { strdup($0) } + [nil]
        pointer = .allocate(capacity: strings.count)
        pointer.initialize(from: strings, count: strings.count)
    }

    deinit {
        for string in strings { free(string) }
        pointer.deallocate()
    }
}
