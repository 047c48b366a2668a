import FoundationEssentials

/// How much is tried: `make test` has the short form, `make test-all` the full counts.
package enum TestScale {
    private static let variables = ProcessInfo.processInfo.environment

    package static let isFull = variables["LANDFALL_TEST_FULL"] != nil

    /// Chance that differs from run to run, and is printed so that a run can be had again: `LANDFALL_TEST_SEED` is the seed.
    package static func chance(for test: String) -> SeededRandom {
        let seed = variables["LANDFALL_TEST_SEED"].flatMap { UInt64($0) } ?? .random(in: 1...999_999)
        print("\(test): LANDFALL_TEST_SEED=\(seed)")
        return SeededRandom(seed: seed)
    }
}
