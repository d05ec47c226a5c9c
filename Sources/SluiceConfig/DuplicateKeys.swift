import Yams

/// Lets one run report every duplicate key, and all other problems with them.
///
/// Yams refuses a whole document at the first mapping that has a key twice. Here the first character of such a key is
/// replaced by one of the private use area, which keeps every place as it is, and the document is composed again;
/// `YAMLDocument.keyName` undoes the disguise, and `SectionReader` reports the key.
struct DuplicateKeys {
    private(set) var text: String
    /// The true names of the keys that are disguised in `text`.
    private(set) var disguises: [TextPlace: String] = [:]

    init(text: String) {
        self.text = text
    }

    /// Disguises the key that `error` is about. `false`: it is about something else, or the key cannot be disguised
    /// (an anchor or a tag stands before it), or there are absurdly many.
    mutating func disguise(after error: any Error) -> Bool {
        guard case YamlError.duplicatedKeysInMapping(let names, let context) = error,
            let name = names.first, disguises.count < 64,
            let disguise = Unicode.Scalar(0xE000 + UInt32(disguises.count))
        else { return false }
        var scalars = text.unicodeScalars
        guard var index = scalars.index(ofLine: context.mark.line, column: context.mark.column) else {
            return false
        }
        if scalars[index] == "\"" || scalars[index] == "'" { index = scalars.index(after: index) }
        guard let first = name.unicodeScalars.first, index < scalars.endIndex, scalars[index] == first else {
            return false
        }
        scalars.replaceSubrange(index...index, with: CollectionOfOne(disguise))
        text = String(scalars)
        disguises[TextPlace(line: context.mark.line, column: context.mark.column)] = name
        return true
    }
}

extension String.UnicodeScalarView {
    /// The scalar at a place that counts from 1. `nil`: there is none.
    func index(ofLine line: Int, column: Int) -> Index? {
        var start = startIndex
        for _ in 1..<line {
            guard let newline = self[start...].firstIndex(of: "\n") else { return nil }
            start = index(after: newline)
        }
        guard let found = index(start, offsetBy: column - 1, limitedBy: endIndex), found < endIndex else {
            return nil
        }
        return found
    }
}
