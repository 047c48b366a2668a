/// A zone as `GET /zones/Z` shows it, with what its reader may do there.
struct PermittedZone: Encodable {
    let zone: CloudflareZone
    let canWrite: Bool

    private enum CodingKeys: CodingKey { case permissions }

    func encode(to encoder: any Encoder) throws {
        try zone.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        let edits = canWrite ? ["#dns_records:edit"] : []
        try container.encode(edits + ["#dns_records:read", "#zone:read"], forKey: .permissions)
    }
}
