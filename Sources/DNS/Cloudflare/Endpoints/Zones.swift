import Model

extension CloudflareProvider {
    /// `GET /zones`; of two zones of one name (in two accounts) the active one.
    package func zones() async throws(ProviderError) -> [Zone] {
        let items: [CloudflareZone]
        do {
            items = try await api.list("/zones", perPage: 50, .urgent, for: .run)
        } catch {
            throw error.explained(.listZones, with: api.credentials)
        }
        var zones: [DomainName: CloudflareZone] = [:]
        for item in items {
            guard let name = try? DomainName(item.name), item.id.isSafeInPath else { continue }
            if zones[name]?.isActive != true { zones[name] = item }
        }
        return zones.map { Zone(name: $0.key, id: $0.value.id) }.sorted { $0.name < $1.name }
    }
}

private struct CloudflareZone: Decodable, Sendable, Identifiable {
    let id: String
    let name: String
    let status: String?

    var isActive: Bool { status == "active" }
}
