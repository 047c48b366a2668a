import DNS
import Model
import Ports
import TestSupport
import Testing

/// What lexicon may answer, whichever provider it asks.
@Suite struct LexiconAnswerTests {
    private func records(
        _ answers: [String: String],
        truncated: Bool = false
    ) async -> Result<[DNSRecord], ProviderError> {
        let processes = ListingProcesses(answers: answers, truncated: truncated)
        guard let zone = try? DomainName("example.org") else { return .success([]) }
        let settings = LexiconProvider.Settings(
            program: "lexicon",
            provider: "hetzner",
            zones: [zone],
            environment: [:],
            secrets: [],
            usualTTL: 300
        )
        do throws(ProviderError) {
            return .success(
                try await LexiconProvider(settings, processes: processes).records(in: Zone(name: zone, id: ""))
            )
        } catch {
            return .failure(error)
        }
    }

    @Test func `names, numbers and quotation marks in every form are understood`() async throws {
        let result = await records([
            "A": #"[{"id":7,"type":"A","name":"WWW.example.org.","content":"192.0.2.1","ttl":"60"},"#
                + #"{"id":"x","type":"A","name":"example.org","content":"192.0.2.2"},"#
                + #"{"id":"y","type":"AAAA","name":"www.example.org","content":"2001:db8::1"}]"#,
            "TXT": "Warning: a line of a log\n"
                + #"[{"id":9,"type":"TXT","name":"_landfall.www.example.org","content":"\"landfall:default A\"","ttl":60},"#
                + #"{"id":10,"type":"TXT","name":"_dmarc.example.org","content":"v=DMARC1; p=none"}]"#,
        ])
        let found = try result.get()
        #expect(found.map(\.name.text) == ["www.example.org", "example.org"])
        #expect(found.map(\.comment) == ["landfall:default", nil])
        #expect(found[0].ttl == 60)
    }

    @Test(arguments: [
        (
            #"[{"type":"A","name":"www","content":"192.0.2.1"}]"#,
            "lexicon lists `www`, which is not a name in example.org"
        ),
        (
            #"[{"type":"A","name":"www.notexample.org","content":"192.0.2.1"}]"#,
            "lexicon lists `www.notexample.org`, which is not a name in example.org"
        ),
        (#"[{"type":"A","content":"192.0.2.1"}]"#, "lexicon lists a record without a name or content"),
        (#"{"a":1}"#, "lexicon's list of A records in example.org is not a list"),
        ("", "lexicon's answer to `list example.org A` is not JSON: ``"),
        ("Traceback", "lexicon's answer to `list example.org A` is not JSON: `Traceback`"),
    ])
    func `an answer that cannot be placed is an error, not an empty zone`(answer: String, reason: String) async {
        #expect(await records(["A": answer]) == .failure(.unavailable(reason)))
    }

    @Test func `a part of an answer is no answer`() async {
        let reason = "lexicon wrote more than 16 MiB on `list example.org A`"
        #expect(await records([:], truncated: true) == .failure(.unavailable(reason)))
    }
}

/// Answers as lexicon, by the kind of record that is listed.
private struct ListingProcesses: ProcessRunner {
    let answers: [String: String]
    let truncated: Bool

    func run(_ request: ProcessRequest, for scope: Scope) async throws(ProcessError) -> ProcessResult {
        let answer = answers[request.arguments[8]] ?? "[]"
        return ProcessResult(end: .exited(0), output: Array(answer.utf8), error: [], truncated: truncated)
    }
}
