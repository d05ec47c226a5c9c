import Testing

@testable import SluiceCompare
