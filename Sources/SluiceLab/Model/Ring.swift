/// A first-in-first-out queue in a circular array. It grows by doubling and never shrinks, so that a link that has seen
/// its longest queue allocates nothing any more.
///
/// Invariant: the elements stand at `head`, `head + 1`, ... `head + count - 1`, modulo the capacity, a power of two.
struct Ring<Element> {
    private var storage: [Element?]
    private var head = 0
    private(set) var count = 0

    init(minimumCapacity: Int = 64) {
        var capacity = 1
        while capacity < minimumCapacity { capacity *= 2 }
        storage = Array(repeating: nil, count: capacity)
    }

    var isEmpty: Bool { count == 0 }
    var first: Element? { count == 0 ? nil : storage[head] }

    mutating func append(_ element: Element) {
        if count == storage.count { grow() }
        storage[slot(count)] = element
        count += 1
    }

    mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = storage[head]
        storage[head] = nil
        head = (head + 1) & (storage.count - 1)
        count -= 1
        return element
    }

    /// Behind every element that does not come later. Elements that arrive in order cost nothing extra.
    mutating func insertSorted(_ element: Element, comesAfter: (Element, Element) -> Bool) {
        append(element)
        var index = count - 1
        while index > 0, let previous = storage[slot(index - 1)], comesAfter(previous, element) {
            storage[slot(index)] = previous
            index -= 1
        }
        storage[slot(index)] = element
    }

    private func slot(_ index: Int) -> Int { (head + index) & (storage.count - 1) }

    private mutating func grow() {
        var larger = [Element?](repeating: nil, count: storage.count * 2)
        for index in 0..<count { larger[index] = storage[slot(index)] }
        storage = larger
        head = 0
    }
}
