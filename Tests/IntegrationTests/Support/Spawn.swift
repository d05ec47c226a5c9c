import Foundation
import Synchronization

/// Held while a program is started, and from the making of a descriptor until it is marked close-on-exec: a child's copy
/// of a test's socket would keep the connection open.
let inheritance = Mutex(())

/// Starts a program with these files as its three standard streams, no other descriptor, and no signal blocked.
/// Returns its process identifier, which the caller waits for.
func spawn(_ command: [String], input: String, output: String, errors: String) throws -> pid_t {
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, output, O_WRONLY | O_APPEND, 0)
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, errors, O_WRONLY | O_APPEND, 0)
    // Other suites run in this process, and their libraries do not mark every descriptor. Closing what is not open is no
    // error; Swift does not see posix_spawn_file_actions_addclosefrom_np.
    for descriptor in STDERR_FILENO + 1..<highestDescriptor() + 64 {
        posix_spawn_file_actions_addclose(&files, descriptor)
    }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var noSignals = sigset_t()
    sigemptyset(&noSignals)
    posix_spawnattr_setsigmask(&attributes, &noSignals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

    let arguments = command.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process: pid_t = 0
    let code = inheritance.withLock { _ in
        posix_spawn(&process, command[0], &files, &attributes, arguments, environ)
    }
    guard code == 0 else { throw SocketError(call: "posix_spawn", code: code) }
    return process
}

private func highestDescriptor() -> Int32 {
    let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return open.compactMap { Int32($0) }.max() ?? STDERR_FILENO
}
