import DNS
import Model
import Ports
import State
import Testing
@testable import Pipeline

@Suite struct ZoneStoreTests {
    @Test func `what a provider had is known while it cannot be read`() async throws {
        let store = ZoneStore(state: try .inMemory())
        let up = Provider(name: "Up", names: ["example.test"])
        let down = Provider(name: "Down", names: ["dev.example.test"])
        #expect(store.load().isEmpty)
        store.save(await ZoneDirectory.read(from: [up, down], allowed: nil))
        let zones = await ZoneDirectory.read(
            from: [up, Provider(name: "Down", names: nil)],
            allowed: nil,
            remembered: store.load()
        )
        guard case .found(let entry) = zones.find(try DomainName("www.example.test")) else {
            Issue.record("another provider's zone is held up")
            return
        }
        #expect(entry.provider.name == "Up")
        guard case .unavailable = zones.find(try DomainName("www.dev.example.test")) else {
            Issue.record("a hidden zone was overlooked")
            return
        }
        // What could not be read is not forgotten.
        store.save(zones)
        #expect(store.load()["Down"]?.map(\.text) == ["dev.example.test"])
    }
}

private struct Provider: DNSProvider {
    let name: String
    /// Nil: it does not answer.
    let names: [String]?

    func zones() async throws(ProviderError) -> [Zone] {
        guard let names else { throw .unavailable("no answer") }
        return names.compactMap { text in (try? DomainName(text)).map { Zone(name: $0, id: text) } }
    }

    func records(in zone: Zone) async throws(ProviderError) -> [DNSRecord] { [] }
    func apply(_ changes: [RecordChange], in zone: Zone) async -> [Result<DNSRecord?, ProviderError>] { [] }
    func removeChallenge(_ record: ChallengeRecord, in zone: Zone) async throws(ProviderError) {}

    func publishChallenge(_ value: String, at name: String, in zone: Zone) async throws(ProviderError)
        -> ChallengeRecord
    {
        throw .rejected("no challenges here")
    }
}
