import Model

/// What a program is asked; `docs/providers.md` shows each.
struct ExecQuestion: Encodable {
    enum Operation: String, Encodable {
        case zones, records, apply, publish, remove

        var isLook: Bool { self == .zones || self == .records }
    }

    /// A program that does not know it must say so, and do nothing.
    let version = 1
    let operation: Operation
    let zone: ExecZone?
    var changes: [ExecChange]?
    var challenge: ExecChallenge?

    init(_ operation: Operation, in zone: Zone? = nil) {
        self.operation = operation
        self.zone = zone.map { ExecZone(id: $0.id, name: $0.name.text) }
    }

    private enum CodingKeys: String, CodingKey { case version, operation, zone, changes, challenge }
}

struct ExecZone: Codable {
    let id: String?
    let name: String
}

struct ExecRecord: Codable {
    let id: String?
    let name: String
    let type: String
    let content: String
    let ttl: Int?
    let proxied: Bool?
    let comment: String?
}

struct ExecChange: Encodable {
    enum Action: String, Encodable { case create, update, delete }

    let action: Action
    /// The existing record, for an update.
    var old: ExecRecord?
    /// The whole record as it should be; for a deletion, as it is.
    let record: ExecRecord

    init(_ change: RecordChange) {
        switch change {
        case .create(let record): (action, self.record) = (.create, ExecRecord(record))
        case .delete(let record): (action, self.record) = (.delete, ExecRecord(record))
        case .update(let old, let new):
            (action, self.old) = (.update, ExecRecord(old))
            record = ExecRecord(new, keeping: old)
        }
    }
}

struct ExecChallenge: Encodable {
    let id: String?
    let name: String
    let value: String
}

struct ExecZones: Decodable { let zones: [ExecZone] }
struct ExecRecords: Decodable { let records: [ExecRecord] }
struct ExecResults: Decodable { let results: [ExecResult] }
struct ExecPublished: Decodable { let id: String? }
struct ExecDone: Decodable {}

/// Why a program did not do it.
struct ExecRefusal: Decodable {
    enum Kind: String, Decodable { case unauthorized, rejected, unavailable }

    let error: String
    let kind: Kind?

    var provider: ProviderError {
        let text = sanitized(error)
        return switch kind ?? .rejected {
        case .unauthorized: .unauthorized(text)
        case .rejected: .rejected(text)
        case .unavailable: .unavailable(text)
        }
    }
}

/// How one change went.
struct ExecResult: Decodable {
    let refusal: ExecRefusal?
    let record: ExecRecord?

    private enum CodingKeys: String, CodingKey { case record, error }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        refusal = container.contains(.error) ? try ExecRefusal(from: decoder) : nil
        record = try container.decodeIfPresent(ExecRecord.self, forKey: .record)
    }

    func result(of change: RecordChange) -> Result<DNSRecord?, ProviderError> {
        if let refusal { return .failure(refusal.provider) }
        switch change {
        case .delete: return .success(nil)
        case .create(let wanted), .update(_, to: let wanted):
            guard let record = record?.hostRecord, record.name == wanted.name, record.hasContent(of: wanted),
                wanted.ttl == nil || record.ttl == wanted.ttl || record.proxied == true
            else {
                return .failure(.unavailable("could not confirm what was written: the answer shows another record"))
            }
            return .success(record)
        }
    }
}

extension ExecRecord {
    /// What `record` leaves nil is taken from `old`.
    init(_ record: DNSRecord, keeping old: DNSRecord? = nil) {
        id = record.id ?? old?.id
        name = record.name.text
        type = record.kind.rawValue
        content = record.content
        ttl = record.ttl ?? old?.ttl
        proxied = record.proxied ?? old?.proxied
        comment = record.comment ?? old?.comment
    }

    /// Nil for what is no address or alias of a host.
    var hostRecord: DNSRecord? {
        guard let kind = DNSRecord.Kind(rawValue: type), kind != .txt, let name = try? DomainName(name) else {
            return nil
        }
        return DNSRecord(id: id, name: name, kind: kind, content: content, ttl: ttl, proxied: proxied, comment: comment)
    }
}
