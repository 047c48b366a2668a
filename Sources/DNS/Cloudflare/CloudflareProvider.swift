package import Model
package import Ports
import Timing

/// Zones at Cloudflare, by its API v4 (https://developers.cloudflare.com/api/).
package struct CloudflareProvider: DNSProvider {
    package static let defaultURL = "https://api.cloudflare.com/client/v4"

    static let title = "Cloudflare"

    package let name = Self.title
    let api: CloudflareAPI
    let recordsPerPage: Int

    /// - Parameters:
    ///   - url: without a slash at its end; for a test server, or a proxy.
    ///   - recordsPerPage: 5,000 is the API's limit, so nearly every zone is one answer, read at one moment.
    package init(
        _ credentials: CloudflareCredentials,
        url: String = Self.defaultURL,
        recordsPerPage: Int = 5000,
        transport: any HTTPTransport,
        clock: any Clock = SystemClock()
    ) {
        api = CloudflareAPI(credentials, url: url, transport: transport, clock: clock)
        self.recordsPerPage = recordsPerPage
    }

    /// What is used of the requests that Cloudflare takes in five minutes; one for all copies of this provider.
    package var budget: RequestBudget? { api.budget.reading }

    package var hasEdge: Bool { true }

    /// `GET /zones`; of two zones of one name (in two accounts) the one that is served.
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
            if zones[name].map({ $0.unservedReason != nil }) ?? true { zones[name] = item }
        }
        return zones.map { name, item in
            Zone(name: name, id: item.id, nameServers: item.servers, unservedReason: item.unservedReason)
        }.sorted { $0.name < $1.name }
    }
}

/// What Landfall shows Cloudflare.
package enum CloudflareCredentials: Sendable {
    /// `CLOUDFLARE_API_TOKEN`: needs Zone:Read and DNS:Edit.
    case token(Secret)
    /// `CLOUDFLARE_EMAIL` and `CLOUDFLARE_TOKEN`: the account's global key, which may do anything.
    case globalKey(email: String, key: Secret)

    var headers: [HTTPHeader] {
        switch self {
        case .token(let token): [HTTPHeader("Authorization", secret: "Bearer " + token.revealed)]
        case .globalKey(let email, let key):
            [HTTPHeader("X-Auth-Email", secret: email), HTTPHeader("X-Auth-Key", secret: key.revealed)]
        }
    }

    var notAccepted: String {
        switch self {
        case .token: "the token is not valid: check CLOUDFLARE_API_TOKEN"
        case .globalKey: "the e-mail address and global key are not valid: check CLOUDFLARE_EMAIL and CLOUDFLARE_TOKEN"
        }
    }

    var bearer: String {
        switch self {
        case .token: "the token"
        case .globalKey: "the owner of the global key"
        }
    }
}
