import Glibc

/// The terminal that the command was typed into, if there is one.
enum Terminal {
    /// A program of the lab was in its foreground and has ended; whoever started this one wants to be there again.
    static func takeBack() {
        guard isatty(STDIN_FILENO) == 1 else { return }
        // A background process that does so would be stopped.
        signal(SIGTTOU, SIG_IGN)
        tcsetpgrp(STDIN_FILENO, getpgrp())
    }
}
