@testable import Certificates
import FoundationEssentials
import Model
import TestSupport
import Testing

/// Every output of a real certbot in `Fixtures/certbot-outputs`, against `complaints.json` beside them.
@Suite struct CertbotErrorParserTests {
    struct Expectation: Decodable, Sendable, CustomStringConvertible {
        let file: String
        /// A log beside it, where the output alone does not tell.
        let log: String?
        let text: String
        let transient: Bool
        /// What the failure is about, as words; where it matters.
        let cause: String?

        var description: String { file }

        static func all() -> [Expectation] {
            let bytes = (try? FixtureFile("certbot-outputs/complaints.json").bytes()) ?? []
            return (try? JSONDecoder().decode([Expectation].self, from: Data(bytes))) ?? []
        }
    }

    @Test func `if only a proxy leads out, an authority that is not reached is told with its variable`() throws {
        let (output, error) = try streams(of: FixtureFile("certbot-outputs/server-unreachable.txt"))
        let parsed = CertbotErrorParser(output: output, error: error, log: "", proxy: "https_proxy")
        #expect(
            parsed.text
                == "ValueError: Requesting localhost/dir: Connection refused; certbot goes through the proxy that "
                + "https_proxy names"
        )
    }

    @Test(arguments: Expectation.all())
    func `a failure is reported in the authority's own words`(expected: Expectation) throws {
        let (output, error) = try streams(of: FixtureFile("certbot-outputs/\(expected.file)"))
        let log = try expected.log.map { try FixtureFile("certbot-outputs/\($0)").text() } ?? ""
        let parsed = CertbotErrorParser(output: output, error: error, log: log)
        #expect(parsed.text == expected.text)
        #expect(parsed.isTransient == expected.transient)
        guard let cause = expected.cause else { return }
        #expect(words(for: parsed.cause(for: try names(in: fixtureLine(expected.file)))) == cause)
    }

    /// The command line that the output begins with.
    private func fixtureLine(_ file: String) throws -> String {
        let text = try FixtureFile("certbot-outputs/\(file)").text()
        return text.split(separator: "\n").first.map { String($0) } ?? ""
    }

    private func names(in command: String) throws -> [DomainName] {
        try command.split(separator: " -d ").dropFirst().map { try DomainName($0.prefix { $0 != " " }) }
    }

    private func words(for cause: IssuanceError.Cause) -> String {
        switch cause {
        case .unknown: "unknown"
        case .names(let names): (["names"] + names.map(\.text)).joined(separator: " ")
        case .refused(let names): (["refused"] + names.map(\.text)).joined(separator: " ")
        case .person(let names): (["person"] + names.map(\.text)).joined(separator: " ")
        case .common: "common"
        case .profile: "profile"
        case .account: "account"
        }
    }

    @Test func `no recorded output is left out`() {
        let recorded = FixtureFile.all(in: "certbot-outputs").map(\.path).filter { $0.hasSuffix(".txt") }
        let expected = Set(Expectation.all().map { "certbot-outputs/\($0.file)" })
        #expect(!recorded.isEmpty && Set(recorded) == expected)
    }

    @Test(arguments: [
        ("ValueError: Requesting acme.example/dir: Connection refused", true),
        ("requests.exceptions.ConnectionError: Failed to resolve: Temporary failure in name resolution", true),
        ("ValueError: Requesting acme.example/dir: Remote end closed connection without response", false),
        ("acme.messages.Error: urn:ietf:params:acme:error:rateLimited :: too many", false),
    ])
    func `an authority that was not reached is distinguished`(error: String, isUnheard: Bool) {
        #expect(CertbotErrorParser(output: "", error: error, log: "").isUnheard == isUnheard)
    }

    @Test func `text from outside stays on one short line`() {
        let parsed = CertbotErrorParser(
            output: "",
            error: "bad\u{1B}[31m\r\nworse\u{202E}" + String(repeating: "x", count: 5000),
            log: ""
        )
        #expect(parsed.text.unicodeScalars.count <= 301)
        #expect(parsed.text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202E })
    }

    private func streams(of fixture: FixtureFile) throws -> (output: String, error: String) {
        let text = try fixture.text()
        let parts = text.split(separator: "--- stdout\n", maxSplits: 1)
        let rest = try #require(parts.last).split(
            separator: "--- stderr\n",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        let error = try #require(rest.last).split(separator: "--- exit ", omittingEmptySubsequences: false)
        return (String(rest[0]), String(error[0]))
    }
}
