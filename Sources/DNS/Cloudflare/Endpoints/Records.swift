import Model
import Ports

extension CloudflareProvider {
    /// `GET /zones/ZONE/dns_records`. Of names that are no host names (`_dmarc`) and of other kinds only the cuts are kept.
    package func read(_ zone: Zone) async throws(ProviderError) -> ZoneContents {
        do {
            let items: [CloudflareRecord] = try await api.list(
                zone.recordsPath,
                perPage: recordsPerPage,
                for: .zone(zone.name.text)
            )
            var cuts = ZoneCuts()
            for item in items { cuts.note(item.type, item.name, item.content ?? "", in: zone.name) }
            return ZoneContents(items.compactMap(\.hostRecord), cuts: cuts, count: items.count)
        } catch {
            throw error.explained(.read(zone), with: api.credentials)
        }
    }

    /// Makes one change, and returns the record as the API confirmed it; nil for a deletion.
    func make(_ change: RecordChange, in zone: Zone) async throws(ProviderError) -> DNSRecord? {
        switch change {
        case .create(let record):
            return try await add(CloudflareRecordBody(creating: record), in: zone, for: .host(record.name)) { answer in
                answer.hostRecord.flatMap { $0.shows(record) ? $0 : nil }
            }
        case .update(let old, let new): return try await update(old, to: new, in: zone)
        case .delete(let record):
            guard let id = record.id else { throw .noIdentifier }
            try await editing(zone) { () throws(CloudflareError) in
                try await removeRecord(id, for: .host(record.name), in: zone)
            }
            return nil
        }
    }

    /// `PATCH` leaves what is not named as it is; only a new kind takes `PUT`, which writes the whole record.
    private func update(_ old: DNSRecord, to new: DNSRecord, in zone: Zone) async throws(ProviderError) -> DNSRecord {
        guard let id = old.id, id.isSafeInPath else { throw .noIdentifier }
        return try await editing(zone) { () throws(CloudflareError) in
            let answer: CloudflareRecord = try await api.write(
                old.kind == new.kind ? .patch : .put,
                "\(zone.recordsPath)/\(id)",
                CloudflareRecordBody(changing: old, to: new),
                for: .host(new.name)
            )
            guard let record = answer.hostRecord, record.shows(new) else { throw .unconfirmed }
            return record
        }
    }

    /// Explains an error of `edit`.
    func editing<Value>(
        _ zone: Zone,
        _ edit: () async throws(CloudflareError) -> Value
    ) async throws(ProviderError) -> Value {
        do throws(CloudflareError) {
            return try await edit()
        } catch {
            throw error.explained(.edit(zone), with: api.credentials)
        }
    }

    /// `DELETE /zones/ZONE/dns_records/ID`; gone already is as good.
    func removeRecord(_ id: String, for scope: Scope, in zone: Zone) async throws(CloudflareError) {
        struct Removed: Decodable, Sendable { let id: String }
        guard id.isSafeInPath else { throw .unavailable("the record has no proper identifier", retryAfter: nil) }
        do throws(CloudflareError) {
            let _: Removed = try await api.write(.delete, "\(zone.recordsPath)/\(id)", for: scope)
        } catch {
            guard error.has([CloudflareCode.gone]) else { throw error }
        }
    }

    /// `POST /zones/ZONE/dns_records`; it succeeded if `wanted` accepts the answer, or an existing record: the answer to an
    /// earlier request may have been lost.
    func add<Wanted>(
        _ body: CloudflareRecordBody,
        in zone: Zone,
        for scope: Scope,
        _ wanted: (CloudflareRecord) -> Wanted?
    ) async throws(ProviderError) -> Wanted {
        try await editing(zone) { () throws(CloudflareError) in
            do throws(CloudflareError) {
                let answer: CloudflareRecord = try await api.write(.post, zone.recordsPath, body, for: scope)
                guard let record = wanted(answer) else { throw .unconfirmed }
                return record
            } catch {
                guard error.has(CloudflareCode.exists) else { throw error }
                let path = "\(zone.recordsPath)?type=\(body.type)&name=\(body.name)"
                let existing: [CloudflareRecord] = try await api.list(path, perPage: 100, .urgent, for: scope)
                guard let record = existing.lazy.compactMap(wanted).first else { throw error }
                return record
            }
        }
    }

    /// The shortest that Cloudflare takes on every plan, in seconds.
    private static let challengeTTL = 60

    package func publishChallenge(
        _ value: String,
        at name: String,
        in zone: Zone
    ) async throws(ProviderError) -> ChallengeRecord {
        let body = CloudflareRecordBody(type: "TXT", name: name, content: value, ttl: Self.challengeTTL)
        return try await add(body, in: zone, for: zone.scope(ofChallengeAt: name)) { answer in
            answer.isChallenge(value, at: name) ? ChallengeRecord(id: answer.id, name: name, value: value) : nil
        }
    }

    /// `DELETE /zones/ZONE/dns_records/ID`; gone already is as good.
    package func removeChallenge(_ record: ChallengeRecord, in zone: Zone) async throws(ProviderError) {
        try await editing(zone) { () throws(CloudflareError) in
            let scope = zone.scope(ofChallengeAt: record.name)
            for id in record.id.isEmpty ? try await identifiers(of: record, in: zone, for: scope) : [record.id] {
                try await removeRecord(id, for: scope, in: zone)
            }
        }
    }

    /// Where publishing was cut off before the answer came, the identifier was never learnt.
    private func identifiers(
        of record: ChallengeRecord,
        in zone: Zone,
        for scope: Scope
    ) async throws(CloudflareError) -> [String] {
        let path = "\(zone.recordsPath)?type=TXT&name=\(record.name)"
        let existing: [CloudflareRecord] = try await api.list(path, perPage: 100, .urgent, for: scope)
        return existing.filter { $0.isChallenge(record.value, at: record.name) }.map(\.id)
    }
}

extension CloudflareRecord {
    /// The API gives TXT content back with or without the quotes of a zone file.
    fileprivate func isChallenge(_ value: String, at name: String) -> Bool {
        type == "TXT" && self.name.lowercased() == name.lowercased() && id.isSafeInPath
            && (content == value || content == "\"\(value)\"")
    }
}

extension ProviderError {
    static let noIdentifier = ProviderError.rejected("the record has no identifier to change it by")
}

extension Zone {
    var recordsPath: String { "/zones/\(id)/dns_records" }
}

extension DNSRecord {
    /// Whether this is `wanted` in all that `wanted` names. A proxied record's ttl is always automatic.
    func shows(_ wanted: DNSRecord) -> Bool {
        name == wanted.name && hasContent(of: wanted)
            && (wanted.proxied == nil || proxied == wanted.proxied)
            && (wanted.ttl == nil || proxied == true || ttl == wanted.ttl)
            && (wanted.comment == nil || comment == wanted.comment)
    }
}
