import Testing

@testable import SluiceConfig

@Suite struct SizeTextTests {
    @Test(arguments: [
        ("0", 0), ("1", 1), ("512B", 512), ("4096", 4096), ("64K", 65_536), ("64k", 65_536), ("64KB", 65_536),
        ("64KiB", 65_536), ("64kib", 65_536), ("1M", 1_048_576), ("256m", 268_435_456), ("2G", 2_147_483_648),
        ("007K", 7168), ("9223372036854775807", Int.max),
    ])
    func reads(text: String, bytes: Int) throws {
        #expect(try SizeText(parsing: text).bytes == bytes)
    }

    @Test(arguments: [
        ("", "it is empty"), ("K", "it does not start with a digit"),
        (" 1K", "it does not start with a digit"),
        ("-1K", "a size is not negative"), ("1.5M", "it is not a whole number"), ("1T", "'t' is not a unit"),
        ("1 K", "' k' is not a unit"), ("1iB", "'ib' is not a unit"), ("1K5", "'k5' is not a unit"),
        ("0x10", "'x10' is not a unit"), ("1e3", "'e3' is not a unit"),
        ("9223372036854775808", "it is too large"),
        ("9007199254740992K", "it is too large"), ("٣K", "it does not start with a digit"),
    ])
    func refuses(text: String, problem: String) {
        #expect(throws: SizeTextError(text: text, problem: problem)) { try SizeText(parsing: text) }
    }

    @Test func anErrorNamesTextAndAllowedForms() {
        let error = #expect(throws: SizeTextError.self) { try SizeText(parsing: "12Q") }
        #expect(
            error?.description
                == "'12Q' is not a size: 'q' is not a unit "
                + "(allowed: bytes, or K, M, G in units of 1024, as in 4096, 64K, 1M or 2G)"
        )
    }

    @Test(arguments: [
        (0, "0"), (1000, "1000"), (1024, "1K"), (1025, "1025"), (3 << 20, "3M"), (1 << 40, "1024G"),
    ])
    func writesTheShortestExactText(bytes: Int, text: String) throws {
        #expect(SizeText(bytes: bytes).description == text)
        #expect(try SizeText(parsing: text).bytes == bytes)
    }
}
