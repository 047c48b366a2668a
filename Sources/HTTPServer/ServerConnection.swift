import CMicroHTTPD
import Glibc
import Model

/// One request as it arrives, and its response. Only libmicrohttpd's thread uses it, except that another one sets
/// `response` while the connection is suspended.
@safe
final class ServerConnection: @unchecked Sendable {
    /// `MHD_Connection *`
    let handle: OpaquePointer
    let method: String
    let path: String
    private let bodyLimit: Int
    private var body: [UInt8] = []
    private var received = 0
    var response: ServerResponse?

    init(handle: OpaquePointer, method: String, path: String, bodyLimit: Int) {
        unsafe self.handle = unsafe handle
        (self.method, self.path, self.bodyLimit) = (method, path, bodyLimit)
    }

    /// Whether the client, on a Unix socket, runs as this process' user or as root.
    var isFromOwner: Bool { unsafe landfall_mhd_peer_is_owner(handle) }

    var isTooLarge: Bool { received > bodyLimit }

    /// Appends a piece of the body. A body over the limit is read and dropped, because a client reads no response while it
    /// still sends. Returns false if the body is far too long.
    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        received += bytes.count
        if isTooLarge {
            body = []
            return received <= bodyLimit + Self.excessLimit
        }
        unsafe body.append(contentsOf: bytes)
        return true
    }

    /// How much more than the limit is read so that the client gets a response.
    private static let excessLimit = 16 << 20

    func request() -> ServerRequest {
        ServerRequest(
            method: method,
            path: path,
            query: pairs(.GET_ARGUMENT_KIND),
            headers: pairs(.HEADER_KIND).reduce(into: [:]) { $0[$1.key.lowercased()] = $1.value },
            body: body
        )
    }

    private func pairs(_ kind: MHD_ValueKind) -> [String: String] {
        let pairs = Pairs()
        unsafe MHD_get_connection_values(handle, kind, collect, Unmanaged.passUnretained(pairs).toOpaque())
        return pairs.values
    }

    /// Hands a response to libmicrohttpd.
    func send(_ response: ServerResponse) -> MHD_Result {
        guard response.status != ServerResponse.hangUp.status else { return .NO }
        guard let message = unsafe response.stream == nil ? message(response.body) : streamed() else { return .NO }
        defer { unsafe MHD_destroy_response(message) }
        for (name, value) in response.headers { unsafe MHD_add_response_header(message, name, value) }
        return unsafe MHD_queue_response(handle, UInt32(clamping: response.status), message)
    }

    private func message(_ body: [UInt8]) -> OpaquePointer? {
        unsafe body.withUnsafeBytes { bytes in
            let start = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            return unsafe MHD_create_response_from_buffer(bytes.count, start, .RESPMEM_MUST_COPY)
        }
    }

    /// A response of unknown length (`MHD_SIZE_UNKNOWN`). This object outlives it: it is released when the request ends.
    private func streamed() -> OpaquePointer? {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        return unsafe MHD_create_response_from_callback(.max, 4096, readStream, context, nil)
    }
}

/// `MHD_ContentReaderCallback`
private func readStream(
    _ context: UnsafeMutableRawPointer?,
    _ position: UInt64,
    _ space: UnsafeMutablePointer<CChar>?,
    _ size: Int
) -> Int {
    guard let context = unsafe context, let space = unsafe space else { return -1 }
    let connection = unsafe Unmanaged<ServerConnection>.fromOpaque(context).takeUnretainedValue()
    let bytes = unsafe UnsafeMutableRawBufferPointer(start: space, count: size)
    return unsafe connection.response?.stream?.fill(bytes, of: connection.handle) ?? -1
}

/// The pairs that libmicrohttpd's iterator collects.
private final class Pairs { var values: [String: String] = [:] }

private func collect(
    _ context: UnsafeMutableRawPointer?,
    _ kind: MHD_ValueKind,
    _ name: UnsafePointer<CChar>?,
    _ value: UnsafePointer<CChar>?
) -> MHD_Result {
    guard let context = unsafe context, let name = unsafe name else { return .YES }
    let pairs = unsafe Unmanaged<Pairs>.fromOpaque(context).takeUnretainedValue()
    unsafe pairs.values[String(outside: String(cString: name))] =
        unsafe value.map { unsafe String(outside: String(cString: $0)) } ?? ""
    return .YES
}
