import Foundation

/// Whether this run is one of `make test-asan` or `make test-tsan`.
let isUnderSanitizer = ProcessInfo.processInfo.environment["SLUICE_SANITIZER"] != nil
