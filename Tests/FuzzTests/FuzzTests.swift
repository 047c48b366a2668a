import Model
import TestSupport
import Testing

/// Every decoder of outside data, fed with what a broken or hostile outside may send: real answers, damaged by chance.
///
/// For each input a decoder returns or throws, and what it returns has the decoder's properties. What fails is told with
/// a line that does the same again. One decoder after the other: of one that ends the process, `FuzzTrace` tells.
@Suite(.serialized, .limited(minutes: 60)) struct FuzzTests {
    private static let count = TestScale.isFull ? 100_000 : 300
    /// More failures of one decoder say nothing new.
    private static let mostFailures = 5

    /// - Parameters:
    ///   - decoder: what is fed, for people.
    ///   - seeds: real input; each is also tried as it is, and must be accepted.
    ///   - share: how many of the inputs are tried, of 100: less than all where one takes milliseconds.
    ///   - decode: returns whether the decoder accepts the input; what it throws is a rejection, except a `Violation`.
    func fuzz(
        _ decoder: String,
        _ seeds: [[UInt8]],
        share: Int = 100,
        _ decode: (FuzzInput) async throws -> Bool
    ) async throws {
        try #require(!seeds.isEmpty)
        let seed = TestScale.seed(for: "fuzz \(decoder)")
        let trace = try FuzzTrace(decoder, seed: seed)
        let mutator = Mutator(seeds)
        let last = seeds.count + Self.count * share / 100
        var (tried, accepted, failures) = (0, 0, 0)
        for number in TestScale.fuzzInput.map({ $0...$0 }) ?? 0...last {
            trace.working(on: number)
            let input = mutator.input(number, seed: seed)
            if TestScale.fuzzInput != nil { print("fuzz \(decoder): \(input)") }
            tried += 1
            let failure = await Self.failure(of: input, &accepted, decode)
            if let failure {
                Issue.record("\(decoder): \(failure); again: \(trace.command(for: number))")
                failures += 1
                if failures == Self.mostFailures { break }
            }
            // Decoding is all work and no waiting, and Swift has few threads.
            await Task.yield()
        }
        trace.end()
        print("fuzz \(decoder): \(tried) inputs, \(accepted) accepted")
    }

    /// What is wrong with how the decoder takes an input; nil if nothing is.
    private static func failure(
        of input: FuzzInput,
        _ accepted: inout Int,
        _ decode: (FuzzInput) async throws -> Bool
    ) async -> String? {
        var rejection = "it is not accepted"
        do {
            if try await decode(input) {
                accepted += 1
                return nil
            }
        } catch let violation as Violation {
            return violation.property
        } catch {
            rejection = "\(error)"
        }
        return input.isSeed ? "a real input is rejected: \(sanitized(rejection))" : nil
    }
}

/// A property that what a decoder returns does not have.
struct Violation: Error {
    let property: String
}

func require(_ isKept: Bool, _ property: @autoclosure () -> String) throws(Violation) {
    guard isKept else { throw Violation(property: sanitized(property(), limit: 500)) }
}

/// Requires that a text can be shown as one line, and is no longer than `limit` bytes.
func requireLine(_ text: String, limit: Int = 2000, _ what: String) throws(Violation) {
    // A limit cuts words, never a link.
    let links = text.split(separator: " ").filter { $0.contains("://") }.reduce(0) { $0 + $1.utf8.count }
    try require(text.utf8.count - min(links, 2000) <= limit, "\(what) has \(text.utf8.count) bytes: \(text)")
    try require(text.unicodeScalars.allSatisfy(\.isPrintable), "\(what) has control characters: \(text)")
}
