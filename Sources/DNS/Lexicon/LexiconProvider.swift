package import Model
package import Ports
import Threads

/// Zones that lexicon reads and edits, at one of the providers that it knows.
///
/// lexicon makes one change at a time and says only whether it went well, so what was written is read again. It cannot list
/// zones. The owner of a record is in the zone (`TXTOwnershipRegistry`).
package struct LexiconProvider: DNSProvider {
    package struct Settings: Sendable {
        /// lexicon: a path, or a name on the PATH.
        package let program: String
        /// As lexicon names it: "hetzner".
        package let provider: String
        package let zones: [DomainName]
        /// All that lexicon gets to see.
        package private(set) var environment: [String: String]
        /// What no error may show.
        package let secrets: [Secret]
        /// Seconds, if neither a label nor the existing record sets a TTL.
        package let usualTTL: Int

        package init(
            program: String,
            provider: String,
            zones: [DomainName],
            environment: [String: String],
            secrets: [Secret],
            usualTTL: Int
        ) {
            (self.program, self.provider, self.zones) = (program, provider, zones)
            (self.environment, self.secrets, self.usualTTL) = (environment, secrets, usualTTL)
        }

        /// The same, with a folder in which lexicon keeps the public suffix list.
        package func caching(in folder: String) -> Settings {
            var settings = self
            settings.environment["TLDEXTRACT_CACHE_PATH"] = folder
            return settings
        }
    }

    package let name: String
    let settings: Settings
    let program: LexiconProgram
    let deviations = TTLDeviations()
    /// For some providers lexicon writes by replacing a whole set or zone: two writes at a time could undo each other.
    private let writing = AsyncSemaphore(width: 1)

    package init(_ settings: Settings, processes: any ProcessRunner) {
        (self.settings, name) = (settings, "\(settings.provider) (lexicon)")
        program = LexiconProgram(
            path: settings.program,
            provider: settings.provider,
            environment: settings.environment,
            secrets: settings.secrets,
            processes: processes
        )
    }

    /// Whether a request only makes lexicon read.
    package static func isRead(_ request: ProcessRequest, by path: String) -> Bool {
        LexiconProgram.isRead(request, by: path)
    }

    /// The configured zones. An error of one shows when it is read.
    package func zones() async throws(ProviderError) -> [Zone] {
        settings.zones.map { Zone(name: $0, id: "\($0) at \(settings.provider)") }
    }

    package func read(_ zone: Zone) async throws(ProviderError) -> ZoneContents {
        let listed = try await list([.a, .aaaa, .cname, .txt, .ns], in: zone)
        var cuts = ZoneCuts()
        for record in listed { cuts.note(record.kind.rawValue, record.name, record.content, in: zone.name) }
        return ZoneContents(Self.hosts(in: listed), cuts: cuts)
    }

    func list(_ kinds: [DNSRecord.Kind], in zone: Zone) async throws(ProviderError) -> [ZoneRecord] {
        var listed: [ZoneRecord] = []
        for kind in kinds { listed += try await program.list(kind, in: zone.name, for: .zone(zone.name.text)) }
        return listed
    }

    /// The records of hosts, with their owners. Not every provider lists a TTL.
    static func hosts(in listed: [ZoneRecord]) -> [DNSRecord] {
        TXTOwnershipRegistry.read(listed).map { $0.ttl == 0 ? $0.with(ttl: nil, comment: $0.comment) : $0 }
    }

    package func publishChallenge(
        _ value: String,
        at name: String,
        in zone: Zone
    ) async throws(ProviderError) -> ChallengeRecord {
        let record = challenge(value, name)
        try await exclusively { try await make(.create(record), in: zone, for: zone.scope(ofChallengeAt: name)) }
        return ChallengeRecord(id: value, name: name, value: value)
    }

    package func removeChallenge(_ record: ChallengeRecord, in zone: Zone) async throws(ProviderError) {
        let text = challenge(record.value, record.name)
        try await exclusively { try await make(.delete(text), in: zone, for: zone.scope(ofChallengeAt: record.name)) }
    }

    private func challenge(_ value: String, _ name: String) -> ZoneRecord {
        ZoneRecord(name: name.lowercased(), kind: .txt, content: value, ttl: settings.usualTTL)
    }

    func exclusively<Value: Sendable>(_ body: () async throws -> Value) async throws(ProviderError) -> Value {
        do {
            return try await writing.pass(body)
        } catch let error as ProviderError {
            throw error
        } catch let failure as Failure {
            throw failure.error
        } catch {
            throw .unavailable("it was interrupted")
        }
    }
}
