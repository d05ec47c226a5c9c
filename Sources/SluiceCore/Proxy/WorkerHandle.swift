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

    /// The same for a thread that may block. Never a loop's: it would wait for itself.
    func askAndWait<Answer: Sendable>(_ question: @escaping @Sendable (Worker) -> Answer) -> Answer? {
        let handoff = Handoff<Answer>()
        guard mailbox.submit({ [self] in handoff.give(question(worker)) }) else { return nil }
        return handoff.take()
    }
}
