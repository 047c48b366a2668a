import CMicroHTTPD
import Glibc
import Model

/// One request on its way in and its answer on the way out.
///
/// Belongs to libmicrohttpd's thread, except that `answer` is set by another one while the connection is suspended.
@safe
final class ServerConnection: @unchecked Sendable {
    let connection: OpaquePointer
    let method: String
    let path: String
    private let bodyLimit: Int
    private var body: [UInt8] = []
    private var received = 0
    var answer: ServerResponse?

    init(connection: OpaquePointer, method: String, path: String, bodyLimit: Int) {
        unsafe self.connection = unsafe connection
        (self.method, self.path, self.bodyLimit) = (method, path, bodyLimit)
    }

    var isTooLarge: Bool { received > bodyLimit }

    /// Takes a piece of the body. What is too much is read and dropped, because a client hears no answer while it still
    /// sends; false when there is no end to it.
    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        received += bytes.count
        if isTooLarge {
            body = []
            return received <= bodyLimit + Self.patience
        }
        unsafe body.append(contentsOf: bytes)
        return true
    }

    /// How much more than the limit is read for the sake of an answer.
    private static let patience = 16 << 20

    func request() -> ServerRequest {
        ServerRequest(
            method: method,
            path: path,
            query: pairs(.GET_ARGUMENT_KIND),
            headers: pairs(.HEADER_KIND).reduce(into: [:]) { $0[$1.key.lowercased()] = $1.value },
            body: body,
            remoteAddress: remoteAddress
        )
    }

    private func pairs(_ kind: MHD_ValueKind) -> [String: String] {
        let pairs = Pairs()
        unsafe MHD_get_connection_values(connection, kind, collect, Unmanaged.passUnretained(pairs).toOpaque())
        return pairs.values
    }

    private var remoteAddress: IPAddress? {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard unsafe landfall_mhd_remote_address(connection, &text, socklen_t(text.count)) != 0 else { return nil }
        return IPAddress(String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    /// Hands an answer to libmicrohttpd.
    func send(_ answer: ServerResponse) -> MHD_Result {
        guard answer.status != ServerResponse.hangUp.status else { return .NO }
        guard let response = unsafe answer.stream == nil ? response(answer.body) : streamed() else { return .NO }
        defer { unsafe MHD_destroy_response(response) }
        for (name, value) in answer.headers { unsafe MHD_add_response_header(response, name, value) }
        return unsafe MHD_queue_response(connection, UInt32(clamping: answer.status), response)
    }
}

extension ServerConnection {
    private func response(_ body: [UInt8]) -> OpaquePointer? {
        unsafe body.withUnsafeBytes { bytes in
            let start = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            return unsafe MHD_create_response_from_buffer(bytes.count, start, .RESPMEM_MUST_COPY)
        }
    }

    /// Of no known length (`MHD_SIZE_UNKNOWN`). This conversation lives until the request is completed, and so longer than
    /// anybody reads.
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
    let conversation = unsafe Unmanaged<ServerConnection>.fromOpaque(context).takeUnretainedValue()
    let bytes = unsafe UnsafeMutableRawBufferPointer(start: space, count: size)
    return unsafe conversation.answer?.stream?.fill(bytes, of: conversation.connection) ?? -1
}

/// What an iterator of libmicrohttpd collects.
private final class Pairs {
    var values: [String: String] = [:]
}

private func collect(
    _ context: UnsafeMutableRawPointer?,
    _ kind: MHD_ValueKind,
    _ name: UnsafePointer<CChar>?,
    _ value: UnsafePointer<CChar>?
) -> MHD_Result {
    guard let context = unsafe context, let name = unsafe name else { return .YES }
    let pairs = unsafe Unmanaged<Pairs>.fromOpaque(context).takeUnretainedValue()
    unsafe pairs.values[String(cString: name)] = unsafe value.map { unsafe String(cString: $0) } ?? ""
    return .YES
}
