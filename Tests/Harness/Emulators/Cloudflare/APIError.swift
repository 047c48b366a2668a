/// An error as Cloudflare's API answers it.
///
/// Codes and words as seen in answers of the real API, and at https://developers.cloudflare.com/api/.
struct APIError: Error, Hashable {
    let status: Int
    let code: Int
    let message: String
    /// What lies beneath, the `error_chain`.
    var chain: [Cause] = []

    struct Cause: Hashable, Encodable {
        let code: Int
        let message: String
    }

    /// 1004 names no reason of its own.
    static func validation(_ code: Int, _ message: String) -> APIError {
        APIError(status: 400, code: 1004, message: "DNS Validation Error", chain: [Cause(code: code, message: message)])
    }

    static func headers(_ code: Int, _ message: String) -> APIError {
        APIError(
            status: 400,
            code: 6003,
            message: "Invalid request headers",
            chain: [Cause(code: code, message: message)]
        )
    }

    static let noCredentials = APIError(
        status: 400,
        code: 9106,
        message: "Missing X-Auth-Key, X-Auth-Email or Authorization headers"
    )
    static let unknownKey = APIError(status: 403, code: 9103, message: "Unknown X-Auth-Key or X-Auth-Email")
    static let invalidToken = APIError(status: 401, code: 1000, message: "Invalid API Token")
    static let invalidAccessToken = APIError(status: 403, code: 9109, message: "Invalid access token")
    static let unauthorized = APIError(status: 403, code: 9109, message: "Unauthorized to access requested resource")
    static let authentication = APIError(status: 403, code: 10000, message: "Authentication error")
    static let invalidZone = APIError(status: 404, code: 1001, message: "Invalid zone identifier")
    static let noRoute = APIError(status: 404, code: 7000, message: "No route for that URI")
    static let noMethod = APIError(
        status: 405,
        code: 10405,
        message: "Method not allowed for this authentication scheme"
    )
    static let invalidBody = APIError(status: 400, code: 9207, message: "Request body is invalid.")
    static let gone = APIError(status: 404, code: 81044, message: "Record does not exist.")
    static let hostTaken = APIError(
        status: 400,
        code: 81053,
        message: "An A, AAAA, or CNAME record with that host already exists."
    )
    static let aliasTaken = APIError(status: 400, code: 81054, message: "A CNAME record with that host already exists.")
    static let exists = APIError(status: 400, code: 81057, message: "The record already exists.")
    static let identical = APIError(status: 400, code: 81058, message: "An identical record already exists.")
    static let readOnly = APIError(
        status: 400,
        code: 1043,
        message: "This record is read-only: another product manages it."
    )
    static let full = APIError(status: 400, code: 81045, message: "Record quota exceeded.")
    static let delegated = APIError(status: 400, code: 81056, message: "NS records with that host already exist.")
    static let belowDelegation = APIError(
        status: 400,
        code: 89018,
        message: "Cannot create a non-glue record that is beneath a delegated child zone."
    )
    static let throttled = APIError(
        status: 429,
        code: 971,
        message: "Please wait and consider throttling your request speed"
    )

    /// A proxied record cannot lead to an address that the Internet does not reach.
    static func notProxiable(_ content: String) -> APIError {
        APIError(status: 400, code: 9003, message: "Target \(content) is not allowed for a proxied record.")
    }

    /// The token's IP filter.
    static func location(_ address: String) -> APIError {
        APIError(status: 403, code: 9109, message: "Cannot use the access token from location: \(address)")
    }

    static func badIdentifier(in path: String) -> APIError {
        APIError(
            status: 404,
            code: 7003,
            message: "Could not route to \(path), perhaps your object identifier is invalid?",
            chain: []
        )
    }
}
