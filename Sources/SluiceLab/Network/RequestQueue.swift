import Glibc

/// Work that one thread does for others, who wait for it.
final class RequestQueue: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var work: (@Sendable () -> Void)?
    private var isClosed = false

    init() {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        changed = .allocate(capacity: 1)
        changed.initialize(to: pthread_cond_t())
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Has the serving thread do this, and waits until it has. Does nothing once the queue is closed.
    func perform(_ body: @escaping @Sendable () -> Void) {
        let isDone = Locked(false)
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while work != nil, !isClosed { pthread_cond_wait(changed, mutex) }
        if isClosed { return }
        work = {
            body()
            isDone.withLock { $0 = true }
        }
        pthread_cond_broadcast(changed)
        while !isDone.withLock({ $0 }), !isClosed { pthread_cond_wait(changed, mutex) }
    }

    /// Does the others' work on the calling thread until the queue is closed.
    func serve() {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            while work == nil, !isClosed { pthread_cond_wait(changed, mutex) }
            guard let next = work else { return }
            next()
            work = nil
            pthread_cond_broadcast(changed)
        }
    }

    func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
    }
}
