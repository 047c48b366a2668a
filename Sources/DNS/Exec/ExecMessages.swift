import Model

/// What a program is asked; `docs/providers.md` shows each.
struct ExecQuestion {
    enum Operation: String {
        case zones, records, apply, publish, remove

        var isRead: Bool { self == .zones || self == .records }
    }

    let operation: Operation
    let zone: Zone?
    /// A program that does not know the version must say so, and do nothing.
    private(set) var json: JSONValue = ["version": 1]

    init(_ operation: Operation, in zone: Zone? = nil) {
        (self.operation, self.zone) = (operation, zone)
        json["operation"] = .string(operation.rawValue)
        if let zone { json["zone"] = ["id": .string(zone.id), "name": .string(zone.name.text)] }
    }

    init(_ changes: [RecordChange], in zone: Zone) {
        self.init(.apply, in: zone)
        json["changes"] = .array(changes.map(\.execJSON))
    }

    init(_ operation: Operation, _ challenge: ChallengeRecord, in zone: Zone) {
        self.init(operation, in: zone)
        var members: JSONValue = ["name": .string(challenge.name), "value": .string(challenge.value)]
        if !challenge.id.isEmpty { members["id"] = .string(challenge.id) }
        json["challenge"] = members
    }
}

extension RecordChange {
    /// The record is whole, as it should be; for a deletion, as it is. `old` is the existing one, for an update.
    fileprivate var execJSON: JSONValue {
        switch self {
        case .create(let record): ["action": "create", "record": record.execJSON()]
        case .delete(let record): ["action": "delete", "record": record.execJSON()]
        case .update(let old, let new):
            ["action": "update", "old": old.execJSON(), "record": new.execJSON(keeping: old)]
        }
    }
}

extension DNSRecord {
    /// What the record leaves nil is taken from `old`.
    fileprivate func execJSON(keeping old: DNSRecord? = nil) -> JSONValue {
        var json: JSONValue = ["name": .string(name.text), "type": .string(kind.rawValue), "content": .string(content)]
        json["id"] = (id ?? old?.id).map(JSONValue.string)
        json["ttl"] = (ttl ?? old?.ttl).map { .integer(Int64($0)) }
        json["proxied"] = (proxied ?? old?.proxied).map(JSONValue.bool)
        json["comment"] = (comment ?? old?.comment).map(JSONValue.string)
        return json
    }
}

struct ExecZone: Decodable {
    let id: String?
    let name: String
    let nameServers: [String]?

    private enum CodingKeys: String, CodingKey {
        case id, name
        case nameServers = "name_servers"
    }
}

struct ExecRecord: Decodable {
    let id: String?
    let name: String
    let type: String
    let content: String
    let ttl: Int?
    let proxied: Bool?
    let comment: String?

    /// Nil for what is no address or alias of a host.
    var hostRecord: DNSRecord? {
        guard let kind = DNSRecord.Kind(rawValue: type), kind.isOfHosts, let name = try? DomainName(served: name) else {
            return nil
        }
        return DNSRecord(id: id, name: name, kind: kind, content: content, ttl: ttl, proxied: proxied, comment: comment)
    }
}

struct ExecZones: Decodable { let zones: [ExecZone] }
struct ExecRecords: Decodable { let records: [ExecRecord] }
struct ExecResults: Decodable { let results: [ExecResult] }
struct ExecPublished: Decodable { let id: String? }
struct ExecDone: Decodable {}

/// Why a program did not do it.
struct ExecRefusal: Decodable {
    enum Kind: String, Decodable { case unauthorized, rejected, unavailable, full }

    let error: String
    let kind: Kind?

    var provider: ProviderError {
        let text = sanitized(error)
        return switch kind ?? .rejected {
        case .unauthorized: .unauthorized(text)
        case .rejected: .rejected(text)
        case .unavailable: .unavailable(text)
        case .full: .full(text)
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
