import Ports
import TestSupport
import Testing

/// Every process hashes with another seed: what is said in the order of a set or a dictionary shows here.
@Suite struct DeterminismTests {
    @Test(arguments: ["stack-of-five", "shared-and-wildcard", "engine-restart"])
    func `replays of one recording print the same, byte for byte`(_ name: String) async throws {
        let scenario = Scenario(name)
        let first = try await ReplayProgram.run([scenario.file])
        for _ in 0..<(TestScale.isFull ? 100 : 10) {
            let result = try await ReplayProgram.run([scenario.file])
            #expect(result.end == .exited(0))
            try #require(result.outputText == first.outputText)
        }
    }
}
