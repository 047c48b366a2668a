/// A zone of the emulated account.
package struct CloudflareZone: Sendable, Hashable, Encodable {
    /// 32 hexadecimal digits.
    package let id: String
    package let name: String

    private enum CodingKeys: String, CodingKey {
        case id, name, status, paused, type, account
        case nameServers = "name_servers"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(name, forKey: .name)
        try container.encode("active", forKey: .status)
        try container.encode(false, forKey: .paused)
        try container.encode("full", forKey: .type)
        try container.encode(["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"], forKey: .nameServers)
        let account = ["id": "0000000000000000000000000000acc1", "name": "Landfall's sandbox"]
        try container.encode(account, forKey: .account)
    }
}
