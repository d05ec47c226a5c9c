import SluiceControl
import SluiceCore
import Yams

/// One method for each kind of value in the key table, and what they share below.
extension SectionReader {
    /// `nil` for the key's word, too.
    func count(_ name: String) -> Int? {
        guard case .count(let range, let word)? = kind(name), let text = line(name), text != word else {
            return nil
        }
        let isNumber =
            !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isNumber else {
            let words = word.map { [$0] } ?? []
            return refuse(name, "\(Printable.quoted(text)) is not a whole number", text: text, words: words)
        }
        guard let count = Int(text), range.contains(count) else { return refuseRange(name, text) }
        return count
    }

    /// In bytes; `nil` for the key's word, too.
    func size(_ name: String) -> Int? {
        guard case .size(let range, let word)? = kind(name), let text = line(name), text != word else {
            return nil
        }
        do {
            let size = try SizeText(parsing: text)
            return range.contains(size) ? size.bytes : refuseRange(name, text)
        } catch {
            return refuse(name, error.reason, text: text, words: word.map { [$0] } ?? [])
        }
    }

    /// `nil` for the word `auto`, too.
    func duration(_ name: String) -> Duration? {
        guard case .after(let duration)? = idleTimeout(name) else { return nil }
        return duration
    }

    /// `nil` for the word `auto`, too.
    func idleTimeout(_ name: String) -> IdleTimeout? {
        guard case .duration(let range, let words)? = kind(name), let text = line(name) else { return nil }
        if words.contains(text) { return text == "never" ? .never : nil }
        do {
            let duration = try DurationText(parsing: text)
            return range.contains(duration) ? .after(duration.duration) : refuseRange(name, text)
        } catch {
            return refuse(name, error.reason, text: text, words: words)
        }
    }

    /// From 0 to 1.
    func percent(_ name: String) -> Double? {
        guard case .percent(let range)? = kind(name), let text = text(name) else { return nil }
        guard let percent = PercentText(parsing: text) else {
            return refuse(name, "\(Printable.quoted(text)) is not a percentage")
        }
        return range.contains(percent) ? percent.share : refuseRange(name, text)
    }

    func choice(_ name: String) -> String? {
        guard case .choice(let words)? = kind(name), let text = line(name) else { return nil }
        return words.contains(text)
            ? text : refuse(name, "\(Printable.quoted(text)) is not a choice", text: text, words: words)
    }

    /// Empty for the key's word, too. Without those that were refused.
    func choices(_ name: String) -> [String] {
        guard case .choices(let words, let none)? = kind(name), let node = node(name) else { return [] }
        guard let sequence = node.sequence else {
            guard let text = line(name), text != none else { return [] }
            return choice(text, of: words, name, Item(name: name, node: node)).map { [$0] } ?? []
        }
        return sequence.enumerated().compactMap { index, element in
            let item = Item(name: "\(name)[\(index)]", node: element)
            return text(item, of: name).flatMap { choice($0, of: words, name, item) }
        }
    }

    private func choice(_ text: String, of words: [String], _ name: String, _ item: Item) -> String? {
        guard !words.contains(text) else { return text }
        let hint = Suggestion.nearest(to: text, among: words).map { "did you mean '\($0)'? " } ?? ""
        report(
            "\(Printable.quoted(text)) is not a choice (\(hint)allowed: \(allowed(name)))",
            item.name,
            at: item.node
        )
        return nil
    }

    /// `nil` for the key's word, too.
    func congestionControl(_ name: String) -> CongestionControl? {
        guard case .congestionControl(let word)? = kind(name), let text = line(name), text != word else {
            return nil
        }
        return CongestionControl(text)
            ?? refuse(name, "\(Printable.quoted(text)) is not a congestion control")
    }

    func flag(_ name: String) -> Bool? {
        guard let text = line(name) else { return nil }
        let words = ["true", "false"]
        return words.contains(text)
            ? text == "true"
            : refuse(name, "\(Printable.quoted(text)) is neither yes nor no", text: text, words: words)
    }

    func path(_ name: String) -> String? {
        guard let text = line(name) else { return nil }
        return text.hasPrefix("/") ? text : refuse(name, "\(Printable.quoted(text)) is not an absolute path")
    }

    func text(_ name: String) -> String? {
        node(name).flatMap { text(Item(name: name, node: $0), of: name, mayHoldControl: true) }
    }

    /// Text without blanks and control characters.
    func word(_ name: String) -> String? {
        guard let text = line(name) else { return nil }
        let isWord = text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        return isWord ? text : refuse(name, "\(Printable.quoted(text)) is not one word")
    }

    func statuses(_ name: String) -> ClosedRange<Int>? {
        guard let text = line(name) else { return nil }
        guard let match = text.wholeMatch(of: /([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?/),
            let first = Int(match.1), let last = Int(match.2 ?? match.1)
        else { return refuse(name, "\(Printable.quoted(text)) is neither a status nor a range") }
        return first <= last ? first...last : refuse(name, "the range \(Printable.quoted(text)) is empty")
    }

    func name(_ name: String) -> String? {
        guard let text = line(name) else { return nil }
        let isName = text.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]{0,62}/) != nil
        return isName ? text : refuse(name, "\(Printable.quoted(text)) is not a name")
    }

    func listen(_ name: String) -> ListenAddress? {
        node(name).flatMap { listen(name, Item(name: name, node: $0)) }
    }

    /// The addresses, each with its node. Without those that were refused.
    func listens(_ name: String) -> [(address: ListenAddress, node: Node)] {
        guard case .listens(let section)? = kind(name) else { return [] }
        return items(name).compactMap { item in
            guard item.node.mapping != nil else { return listen(name, item).map { ($0, item.node) } }
            return reader(of: item, as: section)?.listener()
        }
    }

    /// What the keys of a listener's full form say.
    private func listener() -> (address: ListenAddress, node: Node)? {
        let (mode, group) = (self.mode("mode"), word("group"))
        guard var address = listen("address"), let node = self.node("address") else { return nil }
        if case .unix = address.address {
            address.permissions.mode = mode
            address.permissions.group = group
        } else {
            for key in ["mode", "group"] where self.node(key) != nil {
                report("\(address) is no Unix socket (allowed: with unix:/path)", key)
            }
        }
        return (address, node)
    }

    private func mode(_ name: String) -> UInt32? {
        guard let text = line(name) else { return nil }
        guard text.wholeMatch(of: /0?[0-7]{3}/) != nil else {
            return refuse(name, "\(Printable.quoted(text)) is no mode of a file")
        }
        return UInt32(text, radix: 8)
    }

    /// The prefixes, each with its node. Without those that were refused.
    func prefixes(_ name: String) -> [(prefix: AddressPrefix, node: Node)] {
        items(name).compactMap { item in prefix(name, item).map { ($0, item.node) } }
    }

    /// Without those that were refused.
    func destinations(_ name: String) -> [DestinationRule] {
        items(name).compactMap { item -> DestinationRule? in
            guard let text = text(item, of: name) else { return nil }
            do throws(DestinationRuleError) {
                return try DestinationRule(parsing: text)
            } catch {
                return refuse(item, of: name, error.reason)
            }
        }
    }

    func origin(_ name: String) -> OriginAddress? {
        node(name).flatMap { originAddress(name, Item(name: name, node: $0)) }
    }

    /// The origins, each with the node of its address. Without those that were refused; none for the key's word.
    func origins(_ name: String) -> [(origin: OriginConfiguration, node: Node)] {
        guard case .origins(_, let word)? = kind(name), node(name)?.scalar?.string != word else { return [] }
        return items(name).compactMap { origin(name, $0) }
    }

    private func origin(_ name: String, _ item: Item) -> (origin: OriginConfiguration, node: Node)? {
        guard item.node.mapping != nil else {
            return originAddress(name, item).map { (OriginConfiguration($0), item.node) }
        }
        guard case .origins(let section, _)? = kind(name), let reader = self.reader(of: item, as: section)
        else {
            return nil
        }
        let weight = reader.count("weight")
        let maxConnections = reader.count("max_connections")
        let healthAddress = reader.origin("health_address")
        guard let address = reader.origin("address"), let node = reader.node("address") else { return nil }
        var origin = OriginConfiguration(address)
        if let weight { origin.weight = weight }
        origin.maxConnections = maxConnections
        origin.healthAddress = healthAddress
        return (origin, node)
    }

    private func originAddress(_ name: String, _ item: Item) -> OriginAddress? {
        guard let text = text(item, of: name) else { return nil }
        do {
            return try OriginAddress(parsing: text)
        } catch {
            return refuse(item, of: name, error.reason)
        }
    }

    private func prefix(_ name: String, _ item: Item) -> AddressPrefix? {
        guard let text = text(item, of: name) else { return nil }
        do {
            return try AddressPrefix(parsing: text)
        } catch {
            report("\(error.reason) (allowed: \(allowed(name)))", item.name, at: item.node)
            return nil
        }
    }

    private func listen(_ name: String, _ item: Item) -> ListenAddress? {
        guard let text = text(item, of: name) else { return nil }
        do {
            return try ListenAddress(parsing: text)
        } catch {
            return refuse(item, of: name, error.reason)
        }
    }
}

extension SectionReader {
    /// A scalar to read: a key's value, or one element of its list.
    private struct Item {
        let name: String
        let node: Node
    }

    /// A value that stands alone, or each one of a list.
    private func items(_ name: String) -> [Item] {
        guard let node = node(name) else { return [] }
        guard let sequence = node.sequence else { return [Item(name: name, node: node)] }
        if sequence.isEmpty { report("the list is empty (allowed: \(allowed(name)))", name) }
        return sequence.enumerated().map { Item(name: "\(name)[\($0)]", node: $1) }
    }

    /// The section that stands in place of a scalar.
    private func reader(of item: Item, as section: Section) -> SectionReader? {
        SectionReader(item.node, as: section, path: path(to: item.name), document: document, log: log)
    }

    private func kind(_ name: String) -> ValueKind? { section.key(named: name)?.kind }

    private func allowed(_ name: String) -> String { kind(name)?.allowed ?? "" }

    /// The text that stands at a key, whatever type YAML would make of it.
    private func line(_ name: String) -> String? {
        node(name).flatMap { text(Item(name: name, node: $0), of: name) }
    }

    private func text(_ item: Item, of name: String, mayHoldControl: Bool = false) -> String? {
        guard case .scalar(let scalar) = item.node, !item.node.isEmpty else {
            let found = NodeText.describe(item.node)
            report(
                "expected a single value, found \(found) (allowed: \(allowed(name)))",
                item.name,
                at: item.node
            )
            return nil
        }
        guard scalar.string.utf8.count <= 256, mayHoldControl || !Printable.hasControl(scalar.string) else {
            let shown = Printable.quoted(scalar.string)
            report("\(shown) is no single line of text (allowed: \(allowed(name)))", item.name, at: item.node)
            return nil
        }
        return scalar.string
    }

    private func refuse<Value>(_ item: Item, of name: String, _ reason: String) -> Value? {
        report("\(reason) (allowed: \(allowed(name)))", item.name, at: item.node)
        return nil
    }

    /// Reports a value that is not understood; with a suggestion, if a word of `words` is near.
    private func refuse<Value>(_ name: String, _ reason: String, text: String = "", words: [String] = [])
        -> Value?
    {
        let hint = Suggestion.nearest(to: text, among: words).map { "did you mean '\($0)'? " } ?? ""
        report("\(reason) (\(hint)allowed: \(allowed(name)))", name)
        return nil
    }

    private func refuseRange<Value>(_ name: String, _ text: String) -> Value? {
        refuse(name, "\(Printable.quoted(text)) is out of range")
    }
}
