import Glibc

/// How other threads reach a worker: only through its loop's mailbox.
final class WorkerHandle: @unchecked Sendable {
    /// Touched only in letters, which run on the worker's thread, while its loop lives.
    private let worker: Worker
    private let mailbox: Mailbox

    /// On the worker's thread.
    init(_ worker: Worker) {
        self.worker = worker
        mailbox = worker.loop.mailbox
    }

    func submit(_ letter: @escaping @Sendable (Worker) -> Void) {
        mailbox.submit { [self] in letter(worker) }
    }

    /// The worker's answer, or `nil` when its loop is gone.
    func ask<Answer: Sendable>(_ question: @escaping @Sendable (Worker) -> Answer) async -> Answer? {
        await withCheckedContinuation { continuation in
            let isSent = mailbox.submit { [self] in continuation.resume(returning: question(worker)) }
            if !isSent { continuation.resume(returning: nil) }
        }
    }
}

/// Hands a worker's handle from its new thread to the one that started it.
final class Started: @unchecked Sendable {
    private let semaphore: UnsafeMutablePointer<sem_t>
    private var handle: WorkerHandle?

    init() {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func raise(_ handle: WorkerHandle) {
        self.handle = handle
        sem_post(semaphore)
    }

    func wait() -> WorkerHandle {
        while sem_wait(semaphore) != 0, errno == EINTR {}
        return handle!
    }
}
