/// All records of one zone. A value: a batch works on a copy and puts it in the old one's place, or does not.
struct RecordTable {
    var zone: CloudflareZone
    /// By their place in the order they were made in.
    private var records: [Int: CloudflareRecord] = [:]
    private var order: [Int] = []
    private var places: [String: Int] = [:]
    private var placesByName: [String: [Int]] = [:]

    init(zone: CloudflareZone) { self.zone = zone }

    subscript(id: String) -> CloudflareRecord? { places[id].flatMap { records[$0] } }

    /// In the order they were made in.
    var all: [CloudflareRecord] { order.compactMap { records[$0] } }

    func records(named name: String) -> [CloudflareRecord] {
        placesByName[name, default: []].compactMap { records[$0] }
    }

    mutating func create(
        _ draft: RecordDraft,
        id: String,
        at time: String,
        isReadOnly: Bool = false
    ) throws(APIError) -> CloudflareRecord {
        var record = try draft.record(id: id, in: zone, created: time, at: time).checked()
        record.isReadOnly = isReadOnly
        guard order.count < zone.state.recordLimit else { throw .full }
        try keep(record)
        return record
    }

    /// PUT: what the draft leaves out falls to its default.
    mutating func replace(_ id: String, by draft: RecordDraft, at time: String) throws(APIError) -> CloudflareRecord {
        let old = try changeable(id)
        let record = try draft.record(id: id, in: zone, created: old.created, at: time).checked()
        try keep(record)
        return record
    }

    /// PATCH: what the draft leaves out stays.
    mutating func patch(_ id: String, with draft: RecordDraft, at time: String) throws(APIError) -> CloudflareRecord {
        let old = try changeable(id)
        let record = try draft.patching(old, in: zone, at: time).checked()
        try keep(record)
        return record
    }

    private func changeable(_ id: String) throws(APIError) -> CloudflareRecord {
        guard let record = self[id] else { throw .gone }
        guard !record.isReadOnly else { throw .readOnly }
        return record
    }

    mutating func delete(_ id: String) throws(APIError) -> CloudflareRecord {
        _ = try changeable(id)
        guard let place = places.removeValue(forKey: id), let record = records.removeValue(forKey: place) else {
            throw .gone
        }
        order.removeAll { $0 == place }
        placesByName[record.name]?.removeAll { $0 == place }
        return record
    }

    private mutating func keep(_ record: CloudflareRecord) throws(APIError) {
        try checkNeighbours(of: record)
        try checkDelegations(above: record)
        let place = places[record.id] ?? (order.last ?? 0) + 1
        if let old = records[place] {
            placesByName[old.name]?.removeAll { $0 == place }
        } else {
            order.append(place)
        }
        places[record.id] = place
        records[place] = record
        placesByName[record.name, default: []].append(place)
    }

    /// An alias exists beside no address and no other alias, and no record exists twice; a TXT may exist beside an
    /// alias.
    private func checkNeighbours(of record: CloudflareRecord) throws(APIError) {
        let others = records(named: record.name).filter { $0.id != record.id }
        if let twin = others.first(where: { $0.isSame(as: record) }) {
            throw twin.hasSameOptions(as: record) ? .identical : .exists
        }
        switch record.type {
        case "CNAME": if others.contains(where: \.isProxiable) { throw .hostTaken }
        case "A", "AAAA": if others.contains(where: { $0.type == "CNAME" }) { throw .aliasTaken }
        default: break
        }
    }

    /// NS records below the zone's own name delegate what is at and below theirs: only the addresses of the servers that
    /// they name (glue) may be there.
    private func checkDelegations(above record: CloudflareRecord) throws(APIError) {
        guard record.type != "NS" else { return }
        var name = record.name[...]
        while name != zone.name, !name.isEmpty {
            let servers = records(named: String(name)).filter { $0.type == "NS" }.map { $0.content.lowercased() }
            if !servers.isEmpty, !servers.contains(record.name) {
                throw name == record.name[...] ? .delegated : .belowDelegation
            }
            name = name.drop { $0 != "." }.dropFirst()
        }
    }
}
