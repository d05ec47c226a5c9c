import Foundation

/// Whether the simulations of many paths run: `make test` runs them by themselves, after the others. They compute for half a
/// minute, on the threads that the tests of servers wait for; and under a sanitizer they would take ten times as long.
let runsSimulations = ProcessInfo.processInfo.environment["SLUICE_SIMULATIONS"] != nil
