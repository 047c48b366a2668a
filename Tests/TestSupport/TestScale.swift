import FoundationEssentials

/// How much is tried: `make test` has the short form, `make test-all` the full counts.
public enum TestScale {
    public static let isFull = ProcessInfo.processInfo.environment["LANDFALL_TEST_FULL"] != nil
}
