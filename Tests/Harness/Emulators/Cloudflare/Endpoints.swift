import FoundationEssentials
import HTTPServer

extension CloudflareEmulator {
    func answer(_ request: ServerRequest) async -> ServerResponse {
        await injector.serve(request, about: hosts(of: request)) { respond(to: request, $0) }
    }

    private func respond(to request: ServerRequest, _ fault: PageFault?) -> ServerResponse {
        let admission = admit()
        var response = admission.wait == nil ? serve(request, fault) : ServerResponse.cloudflare(.throttled)
        response.headers["Retry-After"] = admission.wait.map { String($0) }
        response.headers["Ratelimit"] = "\"default\";r=\(admission.remaining);t=\(admission.reset)"
        response.headers["Ratelimit-Policy"] = "\"default\";q=\(admission.rate.requests);w=\(admission.rate.seconds)"
        return response
    }

    private func serve(_ request: ServerRequest, _ fault: PageFault?) -> ServerResponse {
        do throws(APIError) {
            let route = try Route(request.method, request.path)
            let caller = try Caller(request.headers, among: credentials, otherwise: route.unknownToken)
            if caller.hasToken, let filteredLocation { throw .location(filteredLocation) }
            return try respond(to: route, of: caller, request, fault)
        } catch {
            return .cloudflare(error)
        }
    }

    private func respond(
        to route: Route,
        of caller: Caller,
        _ request: ServerRequest,
        _ fault: PageFault?
    ) throws(APIError) -> ServerResponse {
        switch route {
        case .verifyToken: return try verify(caller)
        case .user: return try user(caller)
        case .zones: return list(caller, request.query, fault)
        case .zone(let id):
            let zone = try zone(id, for: caller, otherwise: .unauthorized)
            return .cloudflare(PermittedZone(zone: zone, canWrite: caller.canWrite))
        case .records(let zone): return try records(in: zone, caller, request.query, fault)
        case .record(let zone, let id): return .cloudflare(try record(id, in: zone, caller))
        case .usage(let zone): return try usage(of: zone, caller)
        case .createRecord(let zone): return try create(in: zone, caller, request)
        case .replaceRecord(let zone, let id), .patchRecord(let zone, let id):
            return try update(id, in: zone, caller, request)
        case .deleteRecord(let zone, let id): return try delete(id, in: zone, caller)
        case .batch(let zone): return try batch(in: zone, caller, request)
        }
    }

    private func verify(_ caller: Caller) throws(APIError) -> ServerResponse {
        guard caller.hasToken else { throw .invalidToken }
        let result = ["id": "ed17574386854bf78a67040be0a770b0", "status": "active"]
        return .cloudflare(result, message: (10000, "This API Token is valid and active"))
    }

    /// Tokens for DNS do not hold "User Details: Read".
    private func user(_ caller: Caller) throws(APIError) -> ServerResponse {
        guard !caller.hasToken else { throw .unauthorized }
        return .cloudflare(["id": "0000000000000000000000000000c5e7", "email": "owner@example.test"])
    }

    /// At most 50 on a page, whatever is asked for.
    private func list(_ caller: Caller, _ query: [String: String], _ fault: PageFault?) -> ServerResponse {
        let paging = Paging(query, standard: 20, limit: 50)
        let visible = zones.filter { zone in
            caller.sees(zone) && (query["name"].map { $0.lowercased() == zone.name } ?? true)
        }
        return .cloudflare(visible, paging, fault)
    }

    private func records(
        in zone: String,
        _ caller: Caller,
        _ query: [String: String],
        _ fault: PageFault?
    ) throws(APIError) -> ServerResponse {
        let table = try table(zone, for: caller)
        let filter = RecordFilter(query)
        let candidates = filter.name.map { table.records(named: $0) } ?? table.all
        let paging = Paging(query, standard: 100, limit: 5_000_000)
        return .cloudflare(candidates.filter(filter.matches), paging, fault)
    }

    private func usage(of zone: String, _ caller: Caller) throws(APIError) -> ServerResponse {
        let table = try table(zone, for: caller)
        guard table.zone.state.tellsUsage else { throw .noRoute }
        return .cloudflare(["record_usage": table.all.count, "record_quota": table.zone.state.recordLimit])
    }

    private func record(_ id: String, in zone: String, _ caller: Caller) throws(APIError) -> CloudflareRecord {
        guard let record = try table(zone, for: caller)[id] else { throw .gone }
        return record
    }
}

extension CloudflareEmulator {
    private func create(
        in zone: String,
        _ caller: Caller,
        _ request: ServerRequest
    ) throws(APIError) -> ServerResponse {
        let zone = try writable(zone, for: caller)
        let draft: RecordDraft = try Self.decode(request)
        return .cloudflare(
            try change(zone) { table throws(APIError) in
                let record = try table.create(draft, id: newID(), at: time)
                return (record, [record.name])
            }
        )
    }

    /// `PUT` replaces the record, `PATCH` sets what the draft names.
    private func update(
        _ id: String,
        in zone: String,
        _ caller: Caller,
        _ request: ServerRequest
    ) throws(APIError) -> ServerResponse {
        let zone = try writable(zone, for: caller)
        let draft: RecordDraft = try Self.decode(request)
        return .cloudflare(
            try change(zone) { table throws(APIError) in
                let old = table[id]?.name
                let record =
                    request.method == "PUT"
                    ? try table.replace(id, by: draft, at: time)
                    : try table.patch(id, with: draft, at: time)
                return (record, [record.name, old ?? record.name])
            }
        )
    }

    private func delete(_ id: String, in zone: String, _ caller: Caller) throws(APIError) -> ServerResponse {
        let zone = try writable(zone, for: caller)
        let record = try change(zone) { table throws(APIError) in
            let record = try table.delete(id)
            return (record, [record.name])
        }
        return .cloudflare(["id": record.id])
    }
}

extension CloudflareEmulator {
    func zone(
        _ id: String,
        for caller: Caller,
        otherwise unknown: APIError = .authentication
    ) throws(APIError) -> CloudflareZone {
        let zone = table(id)?.zone
        // A token does not learn which zones exist beyond its own.
        guard let zone, caller.sees(zone) else { throw caller.hasToken ? unknown : .invalidZone }
        return zone
    }

    func writable(_ id: String, for caller: Caller) throws(APIError) -> CloudflareZone {
        let zone = try zone(id, for: caller)
        guard caller.canWrite else { throw .authentication }
        return zone
    }

    private func table(_ id: String, for caller: Caller) throws(APIError) -> RecordTable {
        let zone = try zone(id, for: caller)
        guard let table = table(zone.id) else { throw .invalidZone }
        return table
    }

    static func decode<Body: Decodable>(_ request: ServerRequest) throws(APIError) -> Body {
        guard request.headers["content-type"]?.lowercased().hasPrefix("application/json") == true else {
            throw .headers(6105, "Invalid Content-Type header, valid values are application/json,multipart/form-data")
        }
        guard let body = try? JSONDecoder().decode(Body.self, from: Data(request.body)) else { throw .invalidBody }
        return body
    }
}
