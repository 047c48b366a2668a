import FoundationEssentials

/// How much is tried: `make test` has the short form, `make test-all` the full counts.
package enum TestScale {
    private static let variables = ProcessInfo.processInfo.environment

    package static let isFull = variables["LANDFALL_TEST_FULL"] != nil

    /// Chance that differs from run to run, and is printed so that a run can be had again: `LANDFALL_TEST_SEED` is the seed.
    package static func chance(for test: String) -> SeededRandom { SeededRandom(seed: seed(for: test)) }

    package static func seed(for test: String) -> UInt64 {
        let seed = variables["LANDFALL_TEST_SEED"].flatMap { UInt64($0) } ?? .random(in: 1...999_999)
        print("\(test): LANDFALL_TEST_SEED=\(seed)")
        return seed
    }

    /// The one input that is to be tried again, with the seed of its run.
    package static let fuzzInput = variables["LANDFALL_FUZZ_INPUT"].flatMap { Int($0) }
}
