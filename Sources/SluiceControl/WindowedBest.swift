/// The best of the values seen within a moving window, in constant space.
///
/// Keeps the best value and two younger runners-up, from later parts of the window: when the best grows too
/// old, the next takes its place (K. Nichols' algorithm, as lib/win_minmax.c in Linux uses it). Times are
/// milliseconds and may wrap.
///
/// Invariant: `first` is at least as good as `second`, and `second` as `third`; each is at least as old as
/// the next.
struct WindowedBest<Value: Sendable>: Sendable {
    private struct Entry: Sendable {
        var value: Value
        var time: UInt32
    }

    private var first: Entry
    private var second: Entry
    private var third: Entry

    var value: Value { first.value }

    init(_ value: Value, at time: UInt32) {
        first = Entry(value: value, time: time)
        second = first
        third = first
    }

    /// `prefers(a, b)`: whether `a` is better than `b`.
    mutating func insert(
        _ value: Value,
        at time: UInt32,
        window: UInt32,
        by prefers: (Value, Value) -> Bool
    ) {
        let new = Entry(value: value, time: time)
        if !prefers(first.value, value) || time &- third.time > window {
            self = WindowedBest(value, at: time)
            return
        }
        if !prefers(second.value, value) {
            second = new
            third = new
        } else if !prefers(third.value, value) {
            third = new
        }
        age(new, window: window)
    }

    private mutating func age(_ new: Entry, window: UInt32) {
        let age = new.time &- first.time
        if age > window {
            first = second
            second = third
            third = new
            if new.time &- first.time > window {
                first = second
                second = third
            }
        } else if second.time == first.time, age > window / 4 {
            // No runner-up yet from the last three quarters of the window.
            second = new
            third = new
        } else if third.time == second.time, age > window / 2 {
            third = new
        }
    }
}
