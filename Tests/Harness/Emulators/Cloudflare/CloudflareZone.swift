/// A zone of the emulated account.
package struct CloudflareZone: Sendable, Hashable {
    /// 32 hexadecimal digits.
    package let id: String
    package let name: String
    package var state = State()

    /// What the zone's owner and Cloudflare decide about it.
    package struct State: Sendable, Hashable, Codable {
        /// `active`; also `initializing`, `pending`, `moved` and `deactivated`.
        package var status = "active"
        package var paused = false
        /// `full`; also `partial` and `secondary`.
        package var type = "full"
        package var nameServers = ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"]
        /// How many records it holds, of whatever type; a Free zone that was made since September 2024 holds 200.
        package var recordLimit = 1_000_000
        /// Whether the API tells the limit (`GET /zones/Z/dns_records/usage`).
        package var tellsUsage = true

        package init() {}

        /// Whether the world gets the zone's records.
        var isServed: Bool { status == "active" && type == "full" && !paused }
    }
}

extension CloudflareZone: Encodable {
    private enum CodingKeys: String, CodingKey {
        case id, name, status, paused, type, account
        case nameServers = "name_servers"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(name, forKey: .name)
        try container.encode(state.status, forKey: .status)
        try container.encode(state.paused, forKey: .paused)
        try container.encode(state.type, forKey: .type)
        try container.encode(state.nameServers, forKey: .nameServers)
        let account = ["id": "0000000000000000000000000000acc1", "name": "Landfall's sandbox"]
        try container.encode(account, forKey: .account)
    }
}
