import FoundationEssentials
import Model
import Ports
import Testing

@testable import Recording

@Suite struct FormatTests {
    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()

    private func line(_ key: Line.Key, _ content: some Encodable) throws -> Line {
        let written = try Self.encoder.encode([key.rawValue: content])
        #expect(!written.contains(UInt8(ascii: "\n")))
        return try JSONDecoder().decode(Line.self, from: written)
    }

    @Test func `a line survives being written and read`() throws {
        let blob = Blob(number: 3, content: Bytes([0xFF, 0x00]))
        if case .blob(let read) = try line(.blob, blob) {
            #expect(read.number == 3 && read.content == blob.content)
        } else {
            Issue.record("not a blob")
        }
        let part = StreamPart(at: 5, stream: 1, content: .line(json: #"{"Type":"service"}"#))
        if case .stream(let read) = try line(.stream, part) {
            #expect(read == part)
        } else {
            Issue.record("not a part")
        }
        let hook = Arrival.Content.hook(
            lineage: "a.example",
            action: "auth",
            domain: "a.example",
            validation: "v",
            remaining: 0
        )
        let arrival = Arrival(at: 7, content: hook)
        if case .arrival(let read) = try line(.arrival, arrival) {
            #expect(read == arrival)
        } else {
            Issue.record("not an arrival")
        }
        let gap = Gap(at: 9, reason: "the disk is full")
        if case .gap(let read) = try line(.gap, gap) { #expect(read == gap) } else { Issue.record("not a gap") }
    }

    private func survives<Value: Codable & Hashable & Sendable, Failure: Codable & Hashable & Sendable>(
        _ answer: Answer<Value, Failure>,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let written = WrittenExchange(
            at: 1,
            took: 2,
            port: "http",
            scope: "engine",
            request: "GET http://docker/info",
            occurrence: 4,
            sent: Bytes([1, 2]),
            answer: answer
        )
        let bytes = [UInt8](try Self.encoder.encode(["exchange": written]))
        guard case .exchange(var read) = try JSONDecoder().decode(Line.self, from: Data(bytes)) else {
            Issue.record("not an exchange", sourceLocation: sourceLocation)
            return
        }
        #expect(read.at == 1 && read.took == 2 && read.port == "http" && read.scope == "engine")
        #expect(read.request == "GET http://docker/info" && read.occurrence == 4 && read.sent == Bytes([1, 2]))
        read.line = bytes
        let again = read.answer(Value.self, Failure.self, blobs: RecordedBlobs())
        #expect(again == answer, sourceLocation: sourceLocation)
    }

    @Test func `an exchange survives with every kind of answer`() throws {
        try survives(
            .value(HTTPResponse(status: 200, headers: ["a": "b"], body: [0xFF])) as Answer<HTTPResponse, TransportError>
        )
        try survives(
            .value(ProcessResult(end: .signalled(9), output: [], error: [65], truncated: true))
                as Answer<ProcessResult, ProcessError>
        )
        try survives(.failure(.notStarted("a", reason: "b")) as Answer<ProcessResult, ProcessError>)
        try survives(.withheld(bytes: 7) as Answer<Bytes, FileError>)
        try survives(.failure(.missing("/a")) as Answer<[String], FileError>)
        try survives(.value(Done()) as Answer<Done, FileError>)
        try survives(.failure(.refused(code: 9, keyError: 17)) as Answer<Done, DNSUpdateError>)
        let server = try #require(DNSServer("192.0.2.1"))
        try survives(.failure(.unreachable(server)) as Answer<DNSAnswer, DNSQueryError>)
        try survives(.failure(.missing("eth0")) as Answer<[InterfaceAddress], InterfaceError>)
    }

    @Test(arguments: [
        TransportError.timedOut(after: .seconds(3)), .unreachable("no route", socket: .missing), .tooLarge(limit: 4),
        .broken("half an answer"), .cancelled,
    ])
    func `an error of the transport survives`(error: TransportError) throws {
        try survives(.failure(error) as Answer<HTTPResponse, TransportError>)
    }

    @Test func `bytes are text, or base64 where they are not UTF-8`() throws {
        #expect(String(decoding: try Self.encoder.encode(Bytes(Array("a".utf8))), as: UTF8.self) == #"{"text":"a"}"#)
        #expect(String(decoding: try Self.encoder.encode(Bytes([0xFF])), as: UTF8.self) == #"{"base64":"/w=="}"#)
    }
}
