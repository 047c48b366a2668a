import DNS
import Emulators
import Model
import Ports
import Testing

/// Codes of the API become sentences for the owner.
@Suite struct CloudflareSentenceTests {
    struct Answer: Sendable {
        let status: Int
        let code: Int
        let message: String
        let error: ProviderError

        init(_ status: Int, _ code: Int, _ message: String, _ error: ProviderError) {
            (self.status, self.code, self.message, self.error) = (status, code, message, error)
        }
    }

    private static let badToken = ProviderError.unauthorized("the token is not valid: check CLOUDFLARE_API_TOKEN")
    private static let mayNot = ProviderError.unauthorized(
        "the token may not edit the zone example.test: it needs DNS:Edit"
    )
    private static let notThere = ProviderError.unavailable(
        "cannot edit the zone example.test: the zone or record is not there any more"
    )

    static let answers = [
        Answer(400, 6003, "Invalid request headers", badToken),
        Answer(401, 1000, "Invalid API Token", badToken),
        Answer(403, 9109, "Invalid access token", badToken),
        Answer(403, 9103, "Unknown X-Auth-Key or X-Auth-Email", badToken),
        Answer(400, 9106, "Missing headers", badToken),
        Answer(403, 9109, "Unauthorized to access requested resource", mayNot),
        Answer(403, 10000, "Authentication error", mayNot),
        Answer(403, 4711, "Something new", mayNot),
        Answer(404, 7003, "Could not route", notThere),
        Answer(404, 1001, "Invalid zone identifier", notThere),
        Answer(
            404,
            81044,
            "Record does not exist.",
            .unavailable("the record was removed while this run looked at it")
        ),
        Answer(400, 81053, "An A, AAAA, or CNAME record", conflict("An A, AAAA, or CNAME record (81053)")),
        Answer(400, 81054, "A CNAME record", conflict("A CNAME record (81054)")),
        Answer(400, 81057, "The record already exists.", refused("The record already exists. (81057)")),
        Answer(400, 81058, "An identical record.", refused("An identical record. (81058)")),
        Answer(400, 1004, "DNS Validation Error", refused("DNS Validation Error (1004)")),
        Answer(400, 81045, "Too \u{1B}[31mmany\nrecords", .full("Too  [31mmany records (81045)")),
    ]

    private static func conflict(_ words: String) -> ProviderError {
        .rejected("another A, AAAA or CNAME record exists at the name: \(words)")
    }

    private static func refused(_ words: String) -> ProviderError {
        .rejected("refused to edit the zone example.test: \(words)")
    }

    @Test(arguments: answers.indices)
    func `every code has its sentence, for one change and for one of many`(index: Int) async throws {
        let answer = Self.answers[index]
        let fixture = try CloudflareFixture()
        let effect = Fault.Effect.error(status: answer.status, code: answer.code, message: answer.message)
        fixture.emulator.faults.add(Fault(effect, method: "POST"))
        let (provider, zone) = (fixture.provider(), try fixture.zone())
        let changes = try ["a", "b"].map { name in
            RecordChange.create(
                DNSRecord(name: try DomainName("\(name).example.test"), kind: .a, content: "85.214.1.1")
            )
        }
        for changes in [Array(changes.prefix(1)), changes] {
            for result in await provider.apply(changes, in: zone) { #expect(result == .failure(answer.error)) }
        }
    }
}
