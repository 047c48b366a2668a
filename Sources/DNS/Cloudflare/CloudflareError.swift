import Model
import Ports

enum CloudflareError: Error {
    /// The API said no, in its own words.
    case refused(status: Int, [CloudflareMessage])
    /// No answer, or none of the API's; with a pause after which a read may be tried again.
    case unavailable(String, retryAfter: Duration?)
    /// The API turned the request away unread; after the pause that it asks for, the same may be sent again.
    case throttled(String, rest: Duration)

    static let unconfirmed = CloudflareError.unavailable(
        "could not confirm what was written: the answer shows another record",
        retryAfter: nil
    )

    static func unreached(_ error: TransportError) -> CloudflareError {
        switch error {
        // A slow server is not helped by a second question, nor is the run that waits.
        case .timedOut, .cancelled, .tooLarge: .unavailable("\(error)", retryAfter: nil)
        case .unreachable, .broken: .unavailable("\(error)", retryAfter: .milliseconds(500))
        }
    }

    /// Answers that come from in front of the API.
    init?(passing response: HTTPResponse) {
        guard (300..<400).contains(response.status) else { return nil }
        self = .unavailable("answered \(response.status), a redirect, which the API never does", retryAfter: nil)
    }

    /// Whether the API gave one of these codes as its reason.
    func has(_ codes: Set<Int>) -> Bool {
        guard case .refused(_, let messages) = self else { return false }
        return messages.contains { codes.contains($0.code) }
    }

    func explained(_ attempt: CloudflareAttempt, with credentials: CloudflareCredentials) -> ProviderError {
        switch self {
        case .unavailable(let reason, _), .throttled(let reason, _):
            .unavailable("cannot \(attempt.action) now: \(reason)")
        case .refused(let status, let messages):
            if let location = filteredLocation(messages) {
                .unauthorized(
                    "\(credentials.bearer) has an IP filter that does not let this machine in: \(Self.text(messages)); add "
                        + "\(location) to the token's Client IP Address Filtering at "
                        + "https://dash.cloudflare.com/profile/api-tokens, or remove the filter"
                )
            } else if has([CloudflareCode.full]) {
                .full(Self.text(messages))
            } else if isAboutCredentials {
                .unauthorized(credentials.notAccepted)
            } else if isForbidden(status) {
                .unauthorized("\(credentials.bearer) may not \(attempt.action): it needs \(attempt.permission)")
            } else if has([CloudflareCode.gone]) {
                .unavailable("the record was removed while this run looked at it")
            } else if has(CloudflareCode.unknownObject) {
                .unavailable("cannot \(attempt.action): the zone or record is not there any more")
            } else if has(CloudflareCode.conflict) {
                .rejected("another A, AAAA or CNAME record exists at the name: \(Self.text(messages))")
            } else {
                .rejected("refused to \(attempt.action): \(Self.text(messages))")
            }
        }
    }

    /// Whether others of the same transaction may be taken: the API understood it, and did not object to who asks or where.
    var mayConcernOneChange: Bool {
        guard case .refused = self else { return false }
        return !isDenied && !has(CloudflareCode.unknownObject)
    }

    /// Whether the API objects to who asks.
    var isDenied: Bool {
        guard case .refused(let status, _) = self else { return false }
        return isAboutCredentials || isForbidden(status) || isAboutLocation
    }

    /// Whether the token's IP filter does not let this machine in.
    var isAboutLocation: Bool {
        guard case .refused(_, let messages) = self else { return false }
        return filteredLocation(messages) != nil
    }

    /// The address that the token's IP filter does not let in: `Cannot use the access token from location: 192.0.2.7`.
    private func filteredLocation(_ messages: [CloudflareMessage]) -> String? {
        messages.lazy.filter { $0.code == CloudflareCode.invalidAccess }
            .compactMap { $0.message.split(separator: "location", maxSplits: 1).dropFirst().first }
            .map { $0.split { !$0.isHexDigit && !".:".contains($0) }.compactMap { IPAddress($0) } }
            .first.map { $0.first?.description ?? "the address of this machine" }
    }

    private func isForbidden(_ status: Int) -> Bool {
        [401, 403].contains(status) || has([10000, CloudflareCode.invalidAccess])
    }

    private var isAboutCredentials: Bool {
        guard case .refused(_, let messages) = self else { return false }
        if has(CloudflareCode.badCredentials) { return true }
        return messages.contains { $0.code == CloudflareCode.invalidAccess && $0.message.hasPrefix("Invalid access") }
    }

    /// `DNS Validation Error (1004): Content for A record must be a valid IPv4 address. (9005)`
    private static func text(_ messages: [CloudflareMessage]) -> String {
        guard !messages.isEmpty else { return "no reason given" }
        let sentences = messages.prefix(3).map { message in
            ([message] + (message.chain ?? []).prefix(3)).map { "\($0.message) (\($0.code))" }.joined(separator: ": ")
        }
        return sanitized(sentences.joined(separator: "; "))
    }
}

/// Error codes of the API. They are not documented in one place; each was observed, or is in Cloudflare's own clients.
enum CloudflareCode {
    static let gone = 81044
    static let exists: Set = [81057, 81058]
    static let conflict: Set = [81053, 81054, 81056]
    /// The zone holds as many records as it may.
    static let full = 81045
    static let unknownObject: Set = [1001, 7000, 7003]
    static let badCredentials: Set = [1000, 6003, 6103, 6111, 9103, 9106]
    /// Means a bad token or a missing right; the message tells which.
    static let invalidAccess = 9109
}

/// What was tried, for the sentence that says why it failed.
struct CloudflareAttempt {
    /// "edit the zone example.test".
    let action: String
    /// The token's permission for it.
    let permission: String

    static let verify = CloudflareAttempt(action: "verify the credentials", permission: "User:Read")
    static let listZones = CloudflareAttempt(action: "list zones", permission: "Zone:Read")

    static func read(_ zone: Zone) -> CloudflareAttempt {
        CloudflareAttempt(action: "read the records of the zone \(zone.name)", permission: "DNS:Edit")
    }

    static func edit(_ zone: Zone) -> CloudflareAttempt {
        CloudflareAttempt(action: "edit the zone \(zone.name)", permission: "DNS:Edit")
    }
}
