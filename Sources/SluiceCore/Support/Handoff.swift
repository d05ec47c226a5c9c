import Glibc

/// Hands one value from one thread to another that waits for it.
final class Handoff<Value: Sendable>: @unchecked Sendable {
    private let semaphore: UnsafeMutablePointer<sem_t>
    /// Written before the semaphore is raised, read behind its wait.
    private var value: Value?

    init() {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    /// Called once.
    func give(_ value: Value) {
        self.value = value
        sem_post(semaphore)
    }

    /// Blocks until `give`. Called once.
    func take() -> Value {
        while sem_wait(semaphore) != 0, errno == EINTR {}
        return value!
    }
}
