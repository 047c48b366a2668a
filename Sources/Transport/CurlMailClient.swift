import CCurl
import Glibc
package import Model
package import Ports
import Synchronization
import Threads

/// Sends mail with libcurl, each on a thread of its own.
package struct CurlMailClient: MailClient {
    /// A PEM file of authorities that are trusted besides the system's.
    private let authorities: String?

    package init(authorities: String? = nil) { self.authorities = authorities }

    package func send(_ mail: Mail, through server: MailServer, for scope: Scope) async throws(MailError) {
        try await exchange(mail, server)
    }

    /// Connects and logs in, and sends nothing.
    package func verify(_ server: MailServer) async throws(MailError) { try await exchange(nil, server) }

    private func exchange(_ mail: Mail?, _ server: MailServer) async throws(MailError) {
        let session = MailSession(mail, server, authorities)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                do {
                    try startThread(named: "mail") { session.run { continuation.resume(returning: $0) } }
                } catch {
                    continuation.resume(returning: .failure(MailError.unavailable("\(error)")))
                }
            }
        } onCancel: {
            session.cancel()
        }
        try result.get()
    }
}

/// One connection to a mail server.
private final class MailSession: Sendable {
    private static let limit = Duration.seconds(15)
    /// Once the server has begun to take the mail: it may look for viruses before it answers (RFC 5321 §4.5.3.2.6), and a mail that
    /// is given up then may come twice.
    private static let dataLimit = Duration.seconds(300)

    private let mail: Mail?
    private let server: MailServer
    private let authorities: String?
    private let isCancelled = Atomic<Bool>(false)
    private let start = ContinuousClock.now
    fileprivate let replies = Mutex(Replies())

    init(_ mail: Mail?, _ server: MailServer, _ authorities: String?) {
        (self.mail, self.server, self.authorities) = (mail, server, authorities)
    }

    /// libcurl asks once a second.
    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    /// Whether to go on.
    fileprivate var goesOn: Bool { !isCancelled.load(ordering: .relaxed) && !isOverdue }

    private var isOverdue: Bool {
        ContinuousClock.now - start > (replies.withLock(\.tookData) ? Self.dataLimit : Self.limit)
    }

    /// Blocks, after `completion` as well: libcurl says goodbye, and a server may leave that unanswered for two minutes.
    func run(_ completion: (Result<Void, MailError>) -> Void) {
        _ = CurlLoop.initialised
        guard let handle = unsafe curl_easy_init() else {
            return completion(.failure(.unavailable("libcurl cannot be used")))
        }
        let text = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe text.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        var recipients: UnsafeMutablePointer<curl_slist>?
        for address in mail?.to ?? [] { unsafe recipients = curl_slist_append(recipients, "<\(address)>") }
        defer {
            unsafe curl_easy_cleanup(handle)
            unsafe curl_slist_free_all(recipients)
            unsafe text.deallocate()
        }
        unsafe landfall_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, text)
        unsafe configure(handle)
        let code: CURLcode
        if let mail {
            unsafe set(handle, CURLOPT_MAIL_FROM, "<\(mail.from)>")
            unsafe landfall_curl_set_list(handle, CURLOPT_MAIL_RCPT, recipients)
            code = unsafe mail.message.withUnsafeBytes { bytes in
                unsafe landfall_curl_upload(handle, bytes.baseAddress, bytes.count)
            }
        } else {
            unsafe set(handle, CURLOPT_CUSTOMREQUEST, "NOOP")
            unsafe landfall_curl_set_long(handle, CURLOPT_NOBODY, 1)
            code = unsafe curl_easy_perform(handle)
        }
        let reason = unsafe text.pointee == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: text)
        completion(code == CURLE_OK ? .success(()) : .failure(error(code, sanitized(reason, limit: 200))))
    }

    private func configure(_ handle: UnsafeMutableRawPointer) {
        let isTLS = server.security == .tls
        unsafe set(handle, CURLOPT_URL, "\(isTLS ? "smtps" : "smtp")://\(server.endpoint)")
        unsafe set(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        unsafe set(handle, CURLOPT_PROXY, "")
        if server.security == .starttls {
            unsafe landfall_curl_set_long(handle, CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue))
        }
        // This replaces the system's bundle; the system's folder of authorities (CAPATH) still counts.
        if let authorities { unsafe set(handle, CURLOPT_CAINFO, authorities) }
        if let login = server.login {
            unsafe set(handle, CURLOPT_USERNAME, login.name)
            unsafe set(handle, CURLOPT_PASSWORD, login.password.revealed)
        }
        unsafe landfall_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe landfall_curl_set_progress(handle, reportProgress, context)
        unsafe landfall_curl_set_header(handle, receiveReply, context)
    }

    private func set(_ handle: UnsafeMutableRawPointer, _ option: CURLoption, _ value: String) {
        unsafe landfall_curl_set_string(handle, option, value)
    }

    /// What helps, by words that libcurl has for a certificate.
    private static let cures: [(words: String, variable: String)] = [
        ("subject name", "SMTP_HOST"), ("self", "LANDFALL_CA_FILE"), ("issuer", "LANDFALL_CA_FILE"),
        ("CAfile", "LANDFALL_CA_FILE"),
    ]

    private func error(_ code: CURLcode, _ reason: String) -> MailError {
        let (host, replies) = (server.endpoint.host, replies.withLock(\.self))
        switch code {
        case CURLE_ABORTED_BY_CALLBACK where isCancelled.load(ordering: .relaxed):
            return .unavailable("it was interrupted")
        case CURLE_ABORTED_BY_CALLBACK, CURLE_OPERATION_TIMEDOUT:
            let limit = replies.tookData ? Self.dataLimit : Self.limit
            return .unavailable("\(host) did not take the mail within \(limit.readable)")
        case CURLE_USE_SSL_FAILED:
            return .refused("\(host) offers no STARTTLS: \(replies.refusal ?? reason); see SMTP_SECURITY")
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
            let variable = Self.cures.first { reason.contains($0.words) }?.variable
            let cure = variable.map { "; see \($0)" } ?? ""
            return .refused("the certificate of \(host) is not trusted: \(reason)\(cure)")
        case CURLE_SSL_CONNECT_ERROR:
            return .refused("no TLS connection to \(server.endpoint) is possible: \(reason); see SMTP_SECURITY")
        case CURLE_LOGIN_DENIED:
            guard let refusal = replies.refusal else { return .refused("\(host) offers no login; see SMTP_SECURITY") }
            let text = "\(host) refuses the login: \(refusal)"
            return refusal.hasPrefix("4") ? .unavailable(text) : .refused("\(text); see SMTP_USERNAME")
        default:
            guard let refusal = replies.refusal else {
                return .unavailable("\(server.endpoint) cannot be used: \(reason)")
            }
            let text = "\(host) answers: \(refusal)"
            guard refusal.hasPrefix("5") else { return .unavailable(text) }
            return replies.tookData ? .rejected(text) : .refused("\(text); see SMTP_FROM, SMTP_TO and the login")
        }
    }
}

/// What a server says.
private struct Replies {
    /// The last one that refuses something: for now if it begins with 4, for good if it begins with 5 (RFC 5321 §4.2.1).
    private(set) var refusal: String?
    /// Whether the server asked for the mail's text.
    private(set) var tookData = false

    mutating func add(_ line: String) {
        guard line.utf8.prefix(3).count(where: { (48...57).contains($0) }) == 3 else { return }
        switch line.utf8.first {
        case UInt8(ascii: "3"): if line.hasPrefix("354") { tookData = true }
        case UInt8(ascii: "4"), UInt8(ascii: "5"): refusal = line
        default: break
        }
    }
}

private func receiveReply(
    _ data: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context else { return 0 }
    let session = unsafe Unmanaged<MailSession>.fromOpaque(context).takeUnretainedValue()
    let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: data, count: min(size * count, 1024)))
    let line = sanitized(String(outside: bytes).trimmed, limit: 200)
    session.replies.withLock { $0.add(line) }
    return size * count
}

private func reportProgress(
    _ context: UnsafeMutableRawPointer?,
    _: curl_off_t,
    _: curl_off_t,
    _: curl_off_t,
    _: curl_off_t
) -> Int32 {
    guard let context = unsafe context else { return 0 }
    let session = unsafe Unmanaged<MailSession>.fromOpaque(context).takeUnretainedValue()
    return session.goesOn ? 0 : 1
}
