import Discovery
import Files
import FoundationEssentials
import Log
import Model
import Ports
import TestSupport
import Testing
import Timing
@testable import Recording

/// A recording under way, into a folder of its own.
struct RecordingFixture {
    let folder: TemporaryFolder
    let clock = TestClock()
    let redactor: Redactor
    let journal: Journal
    let recorder: Recorder

    init(redactor: Redactor = Redactor(), header: Header = .plain) throws {
        self.redactor = redactor
        folder = try TemporaryFolder()
        let sink = RecordingFolder(path: folder.path + "/recordings") { [clock] in clock.now }
        journal = try Journal(redactor: redactor, clock: clock, log: .silent, sinks: [sink])
        recorder = Recorder(header, journal: journal)
    }

    var recordings: [String] { Self.files(in: folder.path + "/recordings") }

    /// All lines so far but the header, of the latest file.
    func lines() async throws -> [Line] {
        await journal.flush(within: .seconds(10))
        guard let path = recordings.last else { return [] }
        return try Self.lines(of: SystemFiles().read(path, limit: 64 << 20, for: .run)).filter {
            if case .header = $0 { false } else { true }
        }
    }

    func exchanges() async throws -> [Exchange] {
        try await lines().compactMap { if case .exchange(let exchange) = $0 { exchange } else { nil } }
    }

    static func lines(of bytes: [UInt8]) throws -> [Line] {
        let blobs = RecordedBlobs()
        let decoder = JSONDecoder()
        decoder.userInfo = .init(blobs: blobs)
        return try bytes.split(separator: UInt8(ascii: "\n")).map { bytes in
            let line = try decoder.decode(Line.self, from: Data(bytes))
            if case .blob(let blob) = line { blobs.add(blob) }
            guard case .exchange(var exchange) = line else { return line }
            exchange.line = Array(bytes)
            return .exchange(exchange)
        }
    }

    /// The real ports, with some of them exchanged, of which everything is recorded.
    func recorded(engine: EngineFilter = .nothing, _ change: (inout PortSet) -> Void = { _ in }) -> PortSet {
        var ports = PortSet(
            transport: StubTransport(),
            files: SystemFiles(),
            processes: StubProcesses(output: ""),
            dns: StubResolver(content: ""),
            interfaces: NoInterfaces(),
            probe: NoProbe(),
            mail: NoMail(),
            clock: clock,
            randomness: SystemRandomness()
        )
        change(&ports)
        return ports.recorded(by: recorder, engine: engine)
    }

    /// What was recorded so far, as the ports of a replay.
    func replayed() async throws -> ReplayedPorts {
        await journal.flush(within: .seconds(10))
        let file = try #require(recordings.last)
        let session = try #require(try RecordedSession.all(in: InputFile(file)).first)
        return ReplayedPorts(session, clock: VirtualTime(from: session.header.started), isFaithful: true)
    }

    static func files(in folder: String) -> [String] {
        ((try? SystemFiles().list(folder, for: .run)) ?? []).map { "\(folder)/\($0)" }
    }
}

extension Header {
    static let plain = Header(
        version: "1",
        started: Timestamp(seconds: 1_795_485_783),
        beginning: "start-up",
        program: "/usr/bin/landfall",
        environment: [:],
        state: [:]
    )
}

private struct NoInterfaces: Interfaces {
    func addresses(of name: String, for scope: Scope) throws(InterfaceError) -> [InterfaceAddress] {
        throw .missing(name)
    }
}

private struct NoProbe: TLSProbe {
    func certificate(
        for name: String,
        at endpoint: ProbeEndpoint,
        for scope: Scope
    ) async throws(TransportError) -> [UInt8] {
        throw .cancelled
    }
}
