import Model
import Ports
import TestSupport

/// Answers what a test wants.
struct StubTransport: HTTPTransport {
    var chunks: [[UInt8]] = []
    var answer: @Sendable (HTTPRequest) throws(TransportError) -> HTTPResponse = { _ in HTTPResponse(status: 200) }

    func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse {
        try answer(request)
    }

    func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream {
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: [UInt8].self)
        for chunk in chunks { continuation.yield(chunk) }
        continuation.finish()
        return HTTPStream(status: 200, headers: [:], chunks: stream)
    }
}

struct StubProcesses: ProcessRunner {
    let output: String

    func run(_ request: ProcessRequest, for scope: Scope) async throws(ProcessError) -> ProcessResult {
        ProcessResult(end: .exited(1), output: Array(output.utf8), error: Array(output.utf8))
    }
}

struct StubResolver: DNSClient {
    let content: String

    func query(
        _ question: DNSQuestion,
        at server: DNSServer,
        for scope: Scope
    ) async throws(DNSQueryError) -> DNSAnswer {
        let record = DNSAnswer.Record(name: question.name, kind: .txt, content: content)
        return DNSAnswer(code: 0, authoritative: true, answers: [record])
    }
}

/// Shows a zone, and cannot be reached for changes.
struct StubUpdater: DNSClient {
    let records: [ZoneRecord]
    let reason: String

    func transfer(
        _ zone: DomainName,
        textsBelow label: String,
        from peer: DNSPeer,
        for scope: Scope
    ) async throws(DNSUpdateError) -> [ZoneRecord] {
        records
    }

    func update(_ update: DNSUpdate, at peer: DNSPeer, for scope: Scope) async throws(DNSUpdateError) {
        throw .unreachable(reason: reason)
    }
}

/// Takes no mail.
struct StubMail: MailClient {
    let reason: String

    func send(_ mail: Mail, through server: MailServer, for scope: Scope) async throws(MailError) {
        throw .rejected(reason)
    }
}
