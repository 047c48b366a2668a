public import Model

/// Lets through what reads, and refuses what would change something: the proof behind `plan` and dry runs.
public struct ReadOnlyTransport: HTTPTransport {
    private let base: any HTTPTransport

    public init(_ base: any HTTPTransport) {
        self.base = base
    }

    public func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse {
        guard request.method == .get else { throw .broken("a dry run sends no \(request.method.rawValue)") }
        return try await base.send(request, for: scope)
    }

    public func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream {
        guard request.method == .get else { throw .broken("a dry run sends no \(request.method.rawValue)") }
        return try await base.stream(request, for: scope)
    }
}

/// The disk for looking only: everything that would write is refused.
public struct ReadOnlyFiles: Files {
    private let base: any Files

    public init(_ base: any Files) {
        self.base = base
    }

    public func read(_ path: String, limit: Int, for scope: Scope) throws(FileError) -> [UInt8] {
        try base.read(path, limit: limit, for: scope)
    }

    public func list(_ path: String, for scope: Scope) throws(FileError) -> [String] {
        try base.list(path, for: scope)
    }

    public func information(_ path: String, for scope: Scope) throws(FileError) -> FileInformation {
        try base.information(path, for: scope)
    }

    public func write(_ bytes: [UInt8], to path: String, mode: UInt32, for scope: Scope) throws(FileError) {
        throw refusal(path)
    }

    public func makeDirectory(_ path: String, mode: UInt32, for scope: Scope) throws(FileError) {
        throw refusal(path)
    }

    public func link(_ path: String, to target: String, for scope: Scope) throws(FileError) {
        throw refusal(path)
    }

    public func grant(
        _ permissions: UInt32,
        to group: String,
        on path: String,
        for scope: Scope
    ) throws(FileError) -> Bool {
        throw refusal(path)
    }

    public func remove(_ path: String, for scope: Scope) throws(FileError) {
        throw refusal(path)
    }

    private func refusal(_ path: String) -> FileError {
        .failed(path, reason: "a dry run writes nothing")
    }
}

/// Reads zones and changes none: the updates' port of `plan` and dry runs.
public struct ReadOnlyUpdater: DNSUpdater {
    private let base: any DNSUpdater

    public init(_ base: any DNSUpdater) {
        self.base = base
    }

    public func transfer(
        _ zone: DomainName,
        textsBelow label: String,
        from peer: DNSPeer,
        for scope: Scope
    ) async throws(DNSUpdateError) -> [ZoneRecord] {
        try await base.transfer(zone, textsBelow: label, from: peer, for: scope)
    }

    public func update(_ update: DNSUpdate, at peer: DNSPeer, for scope: Scope) async throws(DNSUpdateError) {
        throw .unreachable(reason: "a dry run changes nothing")
    }
}

/// Starts nothing, but for what is known to look only: the process port of `plan` and dry runs.
public struct NoProcesses: ProcessRunner {
    private let base: (any ProcessRunner)?
    private let isLook: @Sendable (ProcessRequest) -> Bool

    public init(
        butFor isLook: @escaping @Sendable (ProcessRequest) -> Bool = { _ in false },
        by base: (any ProcessRunner)? = nil
    ) {
        (self.isLook, self.base) = (isLook, base)
    }

    public func run(_ request: ProcessRequest, for scope: Scope) async throws(ProcessError) -> ProcessResult {
        if let base, isLook(request) { return try await base.run(request, for: scope) }
        throw .notStarted(request.arguments.first ?? "", reason: "a dry run starts no program")
    }
}
