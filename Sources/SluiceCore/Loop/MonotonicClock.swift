import CLibuv

/// A clock that only goes forward, whatever happens to the time of day (CLOCK_MONOTONIC).
enum MonotonicClock {
    static var nanoseconds: Int { Int(truncatingIfNeeded: uv_hrtime()) }
    static var microseconds: UInt64 { uv_hrtime() / 1000 }
}

extension Duration {
    /// Whole milliseconds, rounded up, so that no timeout fires early. 0 for a negative duration.
    var milliseconds: UInt64 {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        return UInt64(seconds) * 1000 + UInt64((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
