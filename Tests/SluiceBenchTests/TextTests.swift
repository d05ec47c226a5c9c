import Testing

@testable import SluiceBench
