/// All records of one zone. A value: a batch works on a copy and puts it in the old one's place, or does not.
struct Book {
    let zone: CloudflareZone
    private var records: [String: CloudflareRecord] = [:]
    private var identifiers: [String: Set<String>] = [:]
    private var places: [String: Int] = [:]
    private var nextPlace = 0

    init(zone: CloudflareZone) {
        self.zone = zone
    }

    subscript(id: String) -> CloudflareRecord? { records[id] }

    /// In the order they were made.
    var all: [CloudflareRecord] {
        records.values.sorted { places[$0.id, default: 0] < places[$1.id, default: 0] }
    }

    func records(named name: String) -> [CloudflareRecord] {
        identifiers[name, default: []].compactMap { records[$0] }
            .sorted { places[$0.id, default: 0] < places[$1.id, default: 0] }
    }

    mutating func create(_ draft: RecordDraft, id: String, at time: String) throws(APIError) -> CloudflareRecord {
        let record = try draft.record(id: id, in: zone, created: time, at: time).checked()
        try keep(record)
        return record
    }

    /// PUT: what the draft leaves out falls to its default.
    mutating func replace(_ id: String, by draft: RecordDraft, at time: String) throws(APIError) -> CloudflareRecord {
        guard let old = records[id] else { throw .gone }
        let record = try draft.record(id: id, in: zone, created: old.created, at: time).checked()
        try keep(record)
        return record
    }

    /// PATCH: what the draft leaves out stays.
    mutating func patch(_ id: String, with draft: RecordDraft, at time: String) throws(APIError) -> CloudflareRecord {
        guard let old = records[id] else { throw .gone }
        let record = try draft.patching(old, in: zone, at: time).checked()
        try keep(record)
        return record
    }

    mutating func delete(_ id: String) throws(APIError) -> CloudflareRecord {
        guard let record = records.removeValue(forKey: id) else { throw .gone }
        identifiers[record.name]?.remove(id)
        places[id] = nil
        return record
    }

    private mutating func keep(_ record: CloudflareRecord) throws(APIError) {
        try checkNeighbours(of: record)
        if let old = records[record.id] { identifiers[old.name]?.remove(record.id) }
        records[record.id] = record
        identifiers[record.name, default: []].insert(record.id)
        guard places[record.id] == nil else { return }
        places[record.id] = nextPlace
        nextPlace += 1
    }

    /// An alias stands beside no address and no other alias, and no record stands twice; a TXT may stand beside an
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
}
