import FoundationEssentials
import HTTPServer

/// The body of `POST /zones/Z/dns_records/batch`.
struct Batch: Decodable {
    struct Deletion: Decodable {
        let id: String
    }

    let deletes: [Deletion]?
    let patches: [RecordDraft]?
    let puts: [RecordDraft]?
    let posts: [RecordDraft]?

    /// What a Free zone takes at once.
    static let limit = 200

    var count: Int { (deletes?.count ?? 0) + (patches?.count ?? 0) + (puts?.count ?? 0) + (posts?.count ?? 0) }

    struct Result: Encodable {
        var deletes: [CloudflareRecord] = []
        var patches: [CloudflareRecord] = []
        var puts: [CloudflareRecord] = []
        var posts: [CloudflareRecord] = []

        var names: [String] { (deletes + patches + puts + posts).map(\.name) }
    }
}

extension CloudflareEmulator {
    /// Deletes, patches, puts, posts, in this order, in one transaction.
    func batch(in zone: String, _ caller: Caller, _ request: ServerRequest) throws(APIError) -> ServerResponse {
        let zone = try writable(zone, for: caller)
        let batch: Batch = try Self.decode(request)
        guard batch.count <= Batch.limit else {
            let message = "A batch holds at most \(Batch.limit) operations, this one \(batch.count)."
            throw APIError(status: 400, code: 9207, message: message)
        }
        let result: Batch.Result = try change(zone) { table throws(APIError) in
            let before = table
            let result = try apply(batch, to: &table)
            let old = (result.patches + result.puts).compactMap { before[$0.id]?.name }
            return (result, result.names + old)
        }
        return .cloudflare(result)
    }

    private func apply(_ batch: Batch, to table: inout RecordTable) throws(APIError) -> Batch.Result {
        var result = Batch.Result()
        for deletion in batch.deletes ?? [] { result.deletes.append(try table.delete(deletion.id)) }
        for draft in batch.patches ?? [] {
            guard let id = draft.id else { throw .invalidBody }
            result.patches.append(try table.patch(id, with: draft, at: time))
        }
        for draft in batch.puts ?? [] {
            guard let id = draft.id else { throw .invalidBody }
            result.puts.append(try table.replace(id, by: draft, at: time))
        }
        for draft in batch.posts ?? [] { result.posts.append(try table.create(draft, id: newID(), at: time)) }
        return result
    }

    /// The names of the records that a request is about, for the sake of faults.
    func hosts(of request: ServerRequest) -> Set<String> {
        guard !faults.all.isEmpty else { return [] }
        let body = Data(request.body)
        var hosts: Set<String> = []
        if let name = RecordFilter(request.query).name { hosts.insert(name) }
        if let name = (try? JSONDecoder().decode(RecordDraft.self, from: body))?.name { hosts.insert(name) }
        var ids: [String] = [request.path.split(separator: "/").last.map(String.init) ?? ""]
        if let batch = try? JSONDecoder().decode(Batch.self, from: body) {
            let drafts = (batch.patches ?? []) + (batch.puts ?? []) + (batch.posts ?? [])
            hosts.formUnion(drafts.compactMap(\.name))
            ids += (batch.deletes ?? []).map(\.id) + drafts.compactMap(\.id)
        }
        return hosts.union(ids.compactMap(name(ofRecord:)))
    }
}
