import DNS
import Emulators
import Model
import Ports
import Testing

@Suite struct CloudflareChallengeTests {
    private let fixture: CloudflareFixture
    private let zone: Zone
    private let name = "_acme-challenge.example.test"

    init() throws {
        fixture = try CloudflareFixture()
        zone = try fixture.zone()
    }

    private var values: [String] { fixture.emulator.records(in: "example.test").map(\.content) }

    @Test func `two values of one name stand side by side, and each is removed alone`() async throws {
        let provider = fixture.provider()
        let first = try await provider.publishChallenge("one", at: name, in: zone)
        let second = try await provider.publishChallenge("two", at: name, in: zone)
        #expect(Set(values) == ["one", "two"])
        try await provider.removeChallenge(first, in: zone)
        #expect(values == ["two"])
        try await provider.removeChallenge(second, in: zone)
        #expect(values.isEmpty)
    }

    @Test func `a value that exists already is a success`() async throws {
        let first = try await fixture.provider().publishChallenge("one", at: name, in: zone)
        let again = try await fixture.provider().publishChallenge("one", at: name, in: zone)
        #expect(first == again)
        #expect(values == ["one"])
    }

    @Test func `a value in quotes is the same value`() async throws {
        let standing = try fixture.emulator.put(
            RecordDraft(name: name, type: "TXT", content: "\"one\"", ttl: 60),
            in: "example.test"
        )
        fixture.emulator.faults.add(
            Fault(.error(status: 400, code: 81058, message: "An identical record already exists."), method: "POST")
        )
        #expect(try await fixture.provider().publishChallenge("one", at: name, in: zone).id == standing.id)
    }

    @Test func `one that is gone already is removed`() async throws {
        let challenge = try await fixture.provider().publishChallenge("one", at: name, in: zone)
        try fixture.emulator.remove(challenge.id, in: "example.test")
        try await fixture.provider().removeChallenge(challenge, in: zone)
        #expect(fixture.requests("DELETE").map(\.status) == [404])
    }

    @Test func `a removal that fails is an error`() async throws {
        let challenge = try await fixture.provider().publishChallenge("one", at: name, in: zone)
        fixture.emulator.faults.add(Fault(.html(status: 500), method: "DELETE"))
        let error = await failure { () async throws(ProviderError) in
            try await fixture.provider().removeChallenge(challenge, in: zone)
        }
        #expect(error == .unavailable("cannot edit the zone example.test now: answered 500"))
    }
}
