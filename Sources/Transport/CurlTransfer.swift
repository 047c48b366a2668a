import CCurl
import Glibc
import Model
import Ports
import Timing

/// One request on one easy handle. Belongs to the loop's thread.
@safe
final class CurlTransfer {
    let id: UInt64
    let request: HTTPRequest
    let easy: UnsafeMutableRawPointer
    private let body: any ResponseBody
    private let headerList: UnsafeMutablePointer<curl_slist>?
    private let errorText: UnsafeMutablePointer<CChar>
    private let headDeadline: Duration
    /// The variable that names the proxy in between, if there is one.
    private let proxy: String?
    private var headers: [String: String] = [:]
    private var isHeadReported = false

    init?(id: UInt64, request: HTTPRequest, settings: CurlTransport.Settings, body: any ResponseBody) {
        guard let easy = unsafe curl_easy_init() else { return nil }
        self.id = id
        self.request = request
        unsafe self.easy = unsafe easy
        self.body = body
        var list: UnsafeMutablePointer<curl_slist>?
        for header in request.headers {
            unsafe list = curl_slist_append(list, "\(header.name): \(header.value.revealed)")
        }
        // Without this, libcurl waits a second for "100 Continue" before larger bodies.
        unsafe list = curl_slist_append(list, "Expect:")
        unsafe headerList = unsafe list
        unsafe errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        headDeadline = SystemClock().uptime + request.timeLimit
        let mayUseProxy = request.peer == .network && !request.isDirect
        proxy = mayUseProxy ? settings.proxies.variable(forURL: request.url) : nil
        configure(settings)
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_slist_free_all(headerList)
        unsafe errorText.deallocate()
    }

    /// Until the headers of an open-ended body must have come.
    var timeToHead: Duration? { body.isOpenEnded && !isHeadReported ? headDeadline - SystemClock().uptime : nil }

    var isHeadOverdue: Bool { timeToHead.map { $0 <= .zero } ?? false }

    func finish(_ code: CURLcode) {
        guard code != CURLE_OK else {
            reportHead()
            // Of a server it makes no sense (RFC 9110 §15.5.8).
            let refusal = proxy.map { TransportError.unreachable(Self.through($0, "it wants a login")) }
            body.finish(status == 407 ? refusal : nil)
            return
        }
        let detail = unsafe String(cString: errorText)
        let text = unsafe detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
        let reason = proxy.map { Self.through($0, sanitized(text)) } ?? sanitized(text)
        switch code {
        case CURLE_OPERATION_TIMEDOUT: body.finish(.timedOut(after: request.timeLimit, proxy: proxy))
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            body.finish(socketError ?? .unreachable(reason))
        default: body.finish(.broken(reason))
        }
    }

    private static func through(_ variable: String, _ reason: String) -> String {
        "through the proxy that \(variable) names: \(reason)"
    }

    /// Why a Unix socket accepts no connection; libcurl reports only that it did not.
    private var socketError: TransportError? {
        guard case .unixSocket(let path) = request.peer else { return nil }
        if path.hasPrefix("@") { return .unreachable("nothing listens on the socket \(path)", socket: .missing) }
        if unsafe access(path, F_OK) != 0 {
            return errno == EACCES
                ? .unreachable("no permission to reach the socket \(path)", socket: .forbidden)
                : .unreachable("there is no socket \(path)", socket: .missing)
        }
        if unsafe access(path, R_OK | W_OK) != 0 {
            return .unreachable("no permission to use the socket \(path)", socket: .forbidden)
        }
        return .unreachable("nothing listens on the socket \(path)", socket: .notListening)
    }

    func fail(_ error: TransportError) { body.finish(error) }
}

extension CurlTransfer {
    private func configure(_ settings: CurlTransport.Settings) {
        set(CURLOPT_URL, request.url)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_USERAGENT, settings.userAgent)
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_CONNECTTIMEOUT_MS, Int(request.connectLimit.milliseconds))
        if !body.isOpenEnded { set(CURLOPT_TIMEOUT_MS, Int(request.timeLimit.milliseconds)) }
        if let family = request.family {
            set(CURLOPT_IPRESOLVE, family == .v4 ? Int(CURL_IPRESOLVE_V4) : Int(CURL_IPRESOLVE_V6))
        }
        unsafe landfall_curl_set_list(easy, CURLOPT_HTTPHEADER, headerList)
        unsafe landfall_curl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
        setMethod()
        setPeer(settings)
        setProxy(settings.proxies)
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe landfall_curl_set_write(easy, receiveBody, context)
        unsafe landfall_curl_set_header(easy, receiveHeader, context)
    }

    private func setMethod() {
        switch (request.method, request.body) {
        case (.get, nil): set(CURLOPT_HTTPGET, 1)
        case (let method, let bytes):
            set(CURLOPT_POST, 1)
            set(CURLOPT_CUSTOMREQUEST, method.rawValue)
            let bytes = bytes ?? []
            unsafe bytes.withUnsafeBytes { bytes in
                _ = unsafe landfall_curl_set_post_body(easy, bytes.baseAddress, bytes.count)
            }
        }
    }

    private func setPeer(_ settings: CurlTransport.Settings) {
        switch request.peer {
        case .network:
            // This replaces the system's bundle; the system's folder of authorities (CAPATH) still counts.
            if let authorities = settings.authorities { set(CURLOPT_CAINFO, authorities) }
        case .unixSocket(let path):
            if path.hasPrefix("@") {
                set(CURLOPT_ABSTRACT_UNIX_SOCKET, String(path.dropFirst()))
            } else {
                set(CURLOPT_UNIX_SOCKET_PATH, path)
            }
            // libcurl repeats a request on its own when a reused connection turns out dead: then a POST may be made twice.
            if request.method != .get { set(CURLOPT_FRESH_CONNECT, 1) }
        case .mutualTLS(let authority, let certificate, let key, let verify):
            if let authority {
                set(CURLOPT_CAINFO, authority)
                // Otherwise any authority in the system's folder could vouch for this peer as well.
                set(CURLOPT_CAPATH, nil)
            }
            if let certificate { set(CURLOPT_SSLCERT, certificate) }
            if let key { set(CURLOPT_SSLKEY, key) }
            if !verify {
                set(CURLOPT_SSL_VERIFYPEER, 0)
                set(CURLOPT_SSL_VERIFYHOST, 0)
            }
        }
    }

    /// An empty value keeps libcurl from reading the environment itself.
    private func setProxy(_ proxies: ProxyEnvironment) {
        set(CURLOPT_PROXY, proxy.flatMap { proxies.variables[$0] } ?? "")
        set(CURLOPT_NOPROXY, proxies.exceptions ?? "")
    }

    private func set(_ option: CURLoption, _ value: Int) { unsafe landfall_curl_set_long(easy, option, value) }

    private func set(_ option: CURLoption, _ value: String?) {
        unsafe landfall_curl_set_string(easy, option, value)
    }
}

extension CurlTransfer {
    /// More headers, and longer ones, are passed over.
    private static let headerLimit = 200
    private static let headerLineLimit = 8 << 10

    fileprivate func receive(headerLine bytes: UnsafeRawBufferPointer) {
        let line = unsafe bytes.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
        guard unsafe !line.isEmpty else {
            reportHead()
            return
        }
        if unsafe line.starts(with: "HTTP/".utf8) {
            headers = [:]
        } else if let colon = unsafe line.firstIndex(of: UInt8(ascii: ":")), headers.count < Self.headerLimit,
            unsafe line.count <= Self.headerLineLimit
        {
            let value = unsafe line[(colon + 1)...].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            unsafe headers[String(outside: line[..<colon]).lowercased()] = String(outside: value)
        }
    }

    /// Reports the head once; informational answers (1xx) are none.
    private func reportHead() {
        let status = status
        guard !isHeadReported, status >= 200 else { return }
        isHeadReported = true
        body.begin(status: status, headers: headers)
    }

    private var status: Int {
        var status = 0
        unsafe landfall_curl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        return status
    }

    fileprivate func receive(body bytes: UnsafeRawBufferPointer) -> Bool {
        reportHead()
        return unsafe body.append(bytes)
    }
}

private func receiveBody(
    _ data: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context else { return 0 }
    let transfer = unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
    let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
    return unsafe transfer.receive(body: bytes) ? size * count : 0
}

private func receiveHeader(
    _ data: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context else { return 0 }
    let transfer = unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
    unsafe transfer.receive(headerLine: UnsafeRawBufferPointer(start: data, count: size * count))
    return size * count
}
