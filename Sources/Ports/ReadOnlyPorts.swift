package import Model

/// HTTP without changes: GET requests go through, all others are refused. `plan` and dry runs use it.
package struct ReadOnlyTransport: HTTPTransport {
    private let base: any HTTPTransport

    package init(_ base: any HTTPTransport) { self.base = base }

    package func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse {
        guard request.method == .get else { throw .broken("a dry run sends no \(request.method.rawValue)") }
        return try await base.send(request, for: scope)
    }

    package func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream {
        guard request.method == .get else { throw .broken("a dry run sends no \(request.method.rawValue)") }
        return try await base.stream(request, for: scope)
    }
}

/// The disk without changes: everything that would write is refused.
package struct ReadOnlyFiles: Files {
    private let base: any Files

    package init(_ base: any Files) { self.base = base }

    package func read(_ path: String, limit: Int, for scope: Scope) throws(FileError) -> [UInt8] {
        try base.read(path, limit: limit, for: scope)
    }

    package func list(_ path: String, for scope: Scope) throws(FileError) -> [String] {
        try base.list(path, for: scope)
    }

    package func information(_ path: String, for scope: Scope) throws(FileError) -> FileInformation {
        try base.information(path, for: scope)
    }

    package func write(_ bytes: [UInt8], to path: String, mode: UInt32, for scope: Scope) throws(FileError) {
        throw refusal(path)
    }

    package func makeDirectory(_ path: String, mode: UInt32, for scope: Scope) throws(FileError) {
        throw refusal(path)
    }

    package func link(_ path: String, to target: String, for scope: Scope) throws(FileError) {
        throw refusal(path)
    }

    package func grant(
        _ permissions: UInt32,
        to group: String,
        on path: String,
        for scope: Scope
    ) throws(FileError) -> Bool {
        throw refusal(path)
    }

    package func move(_ path: String, to destination: String, for scope: Scope) throws(FileError) {
        throw refusal(path)
    }

    package func remove(_ path: String, for scope: Scope) throws(FileError) {
        throw refusal(path)
    }

    package func publicKeyFingerprint(at path: String, for scope: Scope) throws(FileError) -> Fingerprint {
        try base.publicKeyFingerprint(at: path, for: scope)
    }

    package func privateKey(at path: String, for scope: Scope) throws(FileError) -> Secret {
        try base.privateKey(at: path, for: scope)
    }

    /// A lock would create its file.
    package func lock(_ path: String, for scope: Scope) throws(FileError) -> Bool {
        throw refusal(path)
    }

    package func unlock(_ path: String, for scope: Scope) {}

    package func isLockedElsewhere(_ path: String, for scope: Scope) throws(FileError) -> Bool {
        try base.isLockedElsewhere(path, for: scope)
    }

    package func tryFileSystem(of folder: String, for scope: Scope) throws(FileError) {
        throw refusal(folder)
    }

    private func refusal(_ path: String) -> FileError {
        .failed(path, reason: "a dry run writes nothing")
    }
}

/// DNS without changes: queries and transfers go through, updates are refused.
package struct ReadOnlyDNSClient: DNSClient {
    private let base: any DNSClient

    package init(_ base: any DNSClient) { self.base = base }

    package func query(
        _ question: DNSQuestion,
        at server: DNSServer,
        for scope: Scope
    ) async throws(DNSQueryError) -> DNSAnswer {
        try await base.query(question, at: server, for: scope)
    }

    package func transfer(
        _ zone: DomainName,
        textsBelow label: String,
        from peer: DNSPeer,
        for scope: Scope
    ) async throws(DNSUpdateError) -> [ZoneRecord] {
        try await base.transfer(zone, textsBelow: label, from: peer, for: scope)
    }

    package func update(_ update: DNSUpdate, at peer: DNSPeer, for scope: Scope) async throws(DNSUpdateError) {
        throw .unreachable(reason: "a dry run changes nothing")
    }
}

/// Starts no program, except requests that are known to change nothing: the process port of `plan` and dry runs.
package struct NoProcesses: ProcessRunner {
    private let base: (any ProcessRunner)?
    private let isReadOnly: @Sendable (ProcessRequest) -> Bool

    package init(
        except isReadOnly: @escaping @Sendable (ProcessRequest) -> Bool = { _ in false },
        by base: (any ProcessRunner)? = nil
    ) {
        (self.isReadOnly, self.base) = (isReadOnly, base)
    }

    package func run(_ request: ProcessRequest, for scope: Scope) async throws(ProcessError) -> ProcessResult {
        if let base, isReadOnly(request) { return try await base.run(request, for: scope) }
        throw .notStarted(request.arguments.first ?? "", reason: "a dry run starts no program")
    }
}

/// Sends nothing: the mail port of `plan` and dry runs.
package struct NoMail: MailClient {
    package init() {}

    package func send(_ mail: Mail, through server: MailServer, for scope: Scope) async throws(MailError) {
        throw .unavailable("a dry run sends no mail")
    }
}
