import DNS
import FoundationEssentials
import Model
import Ports
import Synchronization
import TestSupport

/// pebble-challtestsrv as a DNS provider that holds one zone.
///
/// The server drops all values of a name at once, so the provider keeps count of them and writes the others back.
final class ChallengeServer: DNSProvider {
    enum Behaviour: Hashable, Sendable {
        case obedient
        case rejecting(String)
        /// Says that it published, and did not.
        case forgetful
        /// Never answers.
        case stuck
    }

    private struct RecordTable {
        var behaviours: [String: Behaviour] = [:]
        var values: [String: [String]] = [:]
    }

    let name = "challtestsrv"
    let zone: Zone
    let published = AsyncCollector<ChallengeRecord>()
    let removed = AsyncCollector<ChallengeRecord>()
    private let management: String
    private let transport: any HTTPTransport
    private let book = Mutex(RecordTable())

    init(zone: DomainName, management: String, transport: any HTTPTransport) {
        self.zone = Zone(name: zone, id: zone.text)
        self.management = management
        self.transport = transport
    }

    var directory: ZoneDirectory { ZoneDirectory(entries: [.init(zone: zone, provider: self)]) }
    /// The values in DNS now.
    var values: [String: [String]] { book.withLock { $0.values } }

    func behave(_ behaviour: Behaviour, at host: String) {
        book.withLock { $0.behaviours["_acme-challenge.\(host)"] = behaviour }
    }

    func zones() async throws(ProviderError) -> [Zone] { [zone] }

    func publishChallenge(_ value: String, at name: String, in zone: Zone) async throws(ProviderError)
        -> ChallengeRecord
    {
        let record = ChallengeRecord(id: "\(name)/\(value)", name: name, value: value)
        published.add(record)
        switch book.withLock({ $0.behaviours[name] }) ?? .obedient {
        case .obedient:
            book.withLock { $0.values[name, default: []].append(value) }
            try await post("set-txt", ["host": "\(name).", "value": value])
        case .rejecting(let reason): throw .rejected(reason)
        case .forgetful: break
        case .stuck: try? await Task.sleep(for: .seconds(3600))
        }
        return record
    }

    func removeChallenge(_ record: ChallengeRecord, in zone: Zone) async throws(ProviderError) {
        removed.add(record)
        let others = book.withLock { book in
            book.values[record.name]?.removeAll { $0 == record.value }
            return book.values[record.name] ?? []
        }
        try await post("clear-txt", ["host": "\(record.name)."])
        for value in others { try await post("set-txt", ["host": "\(record.name).", "value": value]) }
        book.withLock { if others.isEmpty { $0.values[record.name] = nil } }
    }

    private func post(_ path: String, _ body: [String: String]) async throws(ProviderError) {
        do {
            let bytes = [UInt8](try JSONEncoder().encode(body))
            let response = try await transport.send(HTTPRequest(.post, "\(management)/\(path)", body: bytes), for: .run)
            guard response.status == 200 else { throw ProviderError.rejected("status \(response.status)") }
        } catch {
            throw .unavailable("\(error)")
        }
    }
}

extension ChallengeServer {
    func read(_ zone: Zone) async throws(ProviderError) -> ZoneContents { ZoneContents([]) }
    func apply(_ changes: [RecordChange], in zone: Zone) async -> [Result<DNSRecord?, ProviderError>] { [] }
}
