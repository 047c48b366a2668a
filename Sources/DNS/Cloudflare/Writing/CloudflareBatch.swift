import Model

/// Changes for one transaction.
struct CloudflareBatch: Encodable, Sendable {
    /// What a Free zone takes at once (https://developers.cloudflare.com/dns/manage-dns-records/how-to/batch-record-changes/).
    static let limit = 200

    fileprivate struct Deletion: Codable {
        let id: String
    }

    private var deletes: [Deletion] = []
    private var patches: [CloudflareRecordBody] = []
    private var puts: [CloudflareRecordBody] = []
    private var posts: [CloudflareRecordBody] = []

    init(_ changes: [RecordChange]) {
        for change in changes {
            switch change {
            case .delete(let record): deletes.append(Deletion(id: record.id ?? ""))
            case .create(let record): posts.append(CloudflareRecordBody(creating: record))
            case .update(let old, let new):
                var body = CloudflareRecordBody(changing: old, to: new)
                body.id = old.id
                if change.order == .patch { patches.append(body) } else { puts.append(body) }
            }
        }
    }
}

/// What the API says it has made of a batch.
struct CloudflareBatchAnswer: Decodable, Sendable {
    private enum CodingKeys: String, CodingKey { case deletes, patches, puts, posts }

    private let deleted: Set<String>
    private let changed: [String: DNSRecord]
    private let created: [DomainName: [DNSRecord]]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func records(_ key: CodingKeys) throws -> [DNSRecord] {
            try (container.decodeIfPresent([CloudflareRecord].self, forKey: key) ?? []).compactMap(\.hostRecord)
        }
        let changed = try records(.patches) + records(.puts)
        deleted = Set(
            (try container.decodeIfPresent([CloudflareBatch.Deletion].self, forKey: .deletes) ?? []).map(\.id)
        )
        self.changed = Dictionary(changed.compactMap { record in record.id.map { ($0, record) } }) { $1 }
        created = Dictionary(grouping: try records(.posts), by: \.name)
    }

    /// The record after `change`, nil for a deletion. An error if the answer does not contain it.
    func confirmation(of change: RecordChange) throws(CloudflareError) -> DNSRecord? {
        switch change {
        case .delete(let record):
            guard let id = record.id, deleted.contains(id) else { throw .unconfirmed }
            return nil
        case .update(let old, let new):
            guard let record = old.id.flatMap({ changed[$0] }), record.shows(new) else { throw .unconfirmed }
            return record
        case .create(let new):
            guard let record = created[new.name]?.first(where: { $0.shows(new) }) else { throw .unconfirmed }
            return record
        }
    }
}
