extension CloudflareEmulator {
    /// All zones, by name.
    package var zones: [CloudflareZone] {
        tables.map(\.zone).sorted { $0.name < $1.name }
    }

    /// All records of a zone, in the order they were made.
    package func records(in zone: String) -> [CloudflareRecord] {
        tables.first { $0.zone.name == zone }?.all ?? []
    }

    /// Adds a record as the account's owner would on the dashboard: no credential, no log, no fault.
    ///
    /// - Parameter isReadOnly: as a Worker or another product of Cloudflare's makes it.
    @discardableResult
    package func put(
        _ draft: RecordDraft,
        in zone: String,
        isReadOnly: Bool = false
    ) throws(CloudflareRefusal) -> CloudflareRecord {
        try change(zone) { table throws(APIError) in
            let record = try table.create(draft, id: newID(), at: time, isReadOnly: isReadOnly)
            return (record, [record.name])
        }
    }

    /// Changes what the draft names of a record, as the account's owner would.
    @discardableResult
    package func patch(
        _ id: String,
        with draft: RecordDraft,
        in zone: String
    ) throws(CloudflareRefusal) -> CloudflareRecord {
        try change(zone) { table throws(APIError) in
            let old = table[id]?.name
            let record = try table.patch(id, with: draft, at: time)
            return (record, [record.name, old ?? record.name])
        }
    }

    /// Removes a record as the account's owner would.
    @discardableResult
    package func remove(_ id: String, in zone: String) throws(CloudflareRefusal) -> CloudflareRecord {
        try change(zone) { table throws(APIError) in
            let record = try table.delete(id)
            return (record, [record.name])
        }
    }

    private func change(
        _ name: String,
        _ body: (inout RecordTable) throws(APIError) -> (CloudflareRecord, changed: [String])
    ) throws(CloudflareRefusal) -> CloudflareRecord {
        do throws(APIError) {
            guard let zone = zones.first(where: { $0.name == name }) else { throw .invalidZone }
            return try change(zone, body)
        } catch {
            throw CloudflareRefusal(error)
        }
    }
}

/// Why the emulated account does not take a change; the API's own words.
package struct CloudflareRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    package let code: Int
    package let description: String

    init(_ error: APIError) {
        code = error.chain.last?.code ?? error.code
        description = error.chain.last?.message ?? error.message
    }
}
