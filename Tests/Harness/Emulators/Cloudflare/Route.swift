/// A path of the API, and the method with it.
enum Route {
    case verifyToken, user, zones
    case zone(String)
    case records(zone: String)
    /// How many records a zone holds, and may hold.
    case usage(zone: String)
    case createRecord(zone: String)
    case batch(zone: String)
    case record(zone: String, String)
    case replaceRecord(zone: String, String)
    case patchRecord(zone: String, String)
    case deleteRecord(zone: String, String)

    init(_ method: String, _ path: String) throws(APIError) {
        guard path.hasPrefix(CloudflareEmulator.basePath + "/") else { throw .noRoute }
        let rest = path.dropFirst(CloudflareEmulator.basePath.count)
        let parts = rest.split(separator: "/").map(String.init)
        switch (method, parts.count, parts.first) {
        case ("GET", _, "user") where parts == ["user"]: self = .user
        case ("GET", _, "user") where parts == ["user", "tokens", "verify"]: self = .verifyToken
        case ("GET", 1, "zones"): self = .zones
        case (_, 2..., "zones"): self = try Self.within(parts, method, String(rest))
        case (_, _, "user"), (_, _, "zones"): throw .noMethod
        default: throw .noRoute
        }
    }

    private static func within(_ parts: [String], _ method: String, _ path: String) throws(APIError) -> Route {
        let zone = parts[1]
        guard isIdentifier(zone) else { throw .badIdentifier(in: path) }
        if parts.count == 2, method == "GET" { return .zone(zone) }
        guard parts.count > 2, parts.count <= 4, parts[2] == "dns_records" else { throw .noRoute }
        switch (method, parts.count > 3 ? parts[3] : nil) {
        case ("GET", nil): return .records(zone: zone)
        case ("GET", "usage"): return .usage(zone: zone)
        case ("POST", nil): return .createRecord(zone: zone)
        case ("POST", "batch"): return .batch(zone: zone)
        case (let method, let id?):
            guard isIdentifier(id) else { throw .badIdentifier(in: path) }
            return try single(method, zone, id)
        default: throw .noMethod
        }
    }

    private static func single(_ method: String, _ zone: String, _ id: String) throws(APIError) -> Route {
        switch method {
        case "GET": return .record(zone: zone, id)
        case "PUT": return .replaceRecord(zone: zone, id)
        case "PATCH": return .patchRecord(zone: zone, id)
        case "DELETE": return .deleteRecord(zone: zone, id)
        default: throw .noMethod
        }
    }

    private static func isIdentifier(_ text: String) -> Bool {
        text.utf8.count == 32 && text.allSatisfy(\.isHexDigit)
    }

    /// Whether the error about a wrong token is that of zones or that of records; the real API has both.
    var unknownToken: APIError {
        switch self {
        case .verifyToken: .invalidToken
        case .user, .zones, .zone: .invalidAccessToken
        default: .authentication
        }
    }
}
