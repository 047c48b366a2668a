import Model
package import Ports
import Synchronization

extension PortSet {
    /// The same ports, of which everything is recorded.
    package func recorded(
        by recorder: Recorder,
        engine: EngineFilter,
        files recordable: @escaping @Sendable (_ path: String, _ bytes: [UInt8]) -> [UInt8] = { $1 }
    ) -> PortSet {
        var ports = self
        ports.transport = RecordedTransport(
            calls: PortCalls(name: "http", source: .recorded(transport, recorder)),
            engine: engine
        )
        ports.files = RecordedFiles(
            calls: PortCalls(name: "file", source: .recorded(files, recorder)),
            recordable: recordable
        )
        ports.processes = RecordedProcesses(calls: PortCalls(name: "process", source: .recorded(processes, recorder)))
        ports.dns = RecordedDNS(calls: PortCalls(name: "dns", source: .recorded(dns, recorder)))
        ports.interfaces = RecordedInterfaces(
            calls: PortCalls(name: "interface", source: .recorded(interfaces, recorder))
        )
        ports.probe = RecordedTLSProbe(calls: PortCalls(name: "tls", source: .recorded(probe, recorder)))
        ports.mail = RecordedMail(calls: PortCalls(name: "mail", source: .recorded(mail, recorder)))
        ports.randomness = RecordedRandomness(base: randomness, recorder: recorder)
        return ports
    }
}

/// All ports, answered from a recording: they use neither network nor programs nor disk.
package struct ReplayedPorts: Sendable {
    private let cassette: Cassette
    package let ports: PortSet

    /// - Parameters:
    ///   - isFaithful: whether everything is asked at the recorded times, because no other settings are tried.
    ///   - reason: the reason for a run that an event of the engine gives, if any.
    ///   - onHook: where certbot's hooks call.
    package init(
        _ recording: RecordedSession,
        clock: VirtualTime,
        isFaithful: Bool,
        reason: (_ event: String) -> String? = { _ in nil },
        onHook: @escaping HookReceiver = { _, _ in }
    ) {
        let parts = recording.parts(dated: reason)
        let cassette = Cassette(recording, parts, clock: clock, isFaithful: isFaithful)
        self.cassette = cassette
        ports = PortSet(
            transport: RecordedTransport(calls: PortCalls(name: "http", source: .replayed(cassette)), engine: .nothing),
            files: RecordedFiles(calls: PortCalls(name: "file", source: .replayed(cassette))),
            processes: RecordedProcesses(
                calls: PortCalls(name: "process", source: .replayed(cassette)),
                onHook: onHook
            ),
            dns: RecordedDNS(calls: PortCalls(name: "dns", source: .replayed(cassette))),
            interfaces: RecordedInterfaces(calls: PortCalls(name: "interface", source: .replayed(cassette))),
            probe: RecordedTLSProbe(calls: PortCalls(name: "tls", source: .replayed(cassette))),
            mail: RecordedMail(calls: PortCalls(name: "mail", source: .replayed(cassette))),
            clock: clock,
            randomness: ReplayedRandomness(cassette: cassette)
        )
    }

    /// The requests that the recording does not have, and those that were sent with another body.
    package var deviations: [String] {
        cassette.missing.map { "asked now and not then: \($0)" }
            + cassette.differing.map { "sent with another body: \($0)" }
    }

    /// The exchanges of the recording that were not used.
    package var unused: [String] { cassette.unused }
}

/// Network interfaces, recorded or replayed.
struct RecordedInterfaces: Interfaces {
    let calls: PortCalls<any Interfaces>

    func addresses(of name: String, for scope: Scope) throws(InterfaceError) -> [InterfaceAddress] {
        try calls.onDisk(name, for: scope, failure: { .failed(name, reason: $0) }) {
            interfaces throws(InterfaceError) in try interfaces.addresses(of: name, for: scope)
        }
    }
}

/// The certificates that servers show, recorded or replayed: they are public.
struct RecordedTLSProbe: TLSProbe {
    let calls: PortCalls<any TLSProbe>

    func certificate(
        for name: String,
        at endpoint: ProbeEndpoint,
        for scope: Scope
    ) async throws(TransportError) -> [UInt8] {
        try await calls.async(
            "\(name) @\(endpoint)",
            for: scope,
            failure: TransportError.broken,
            interruption: .cancelled,
            size: \.wrappedValue.count
        ) { probe throws(TransportError) in
            Bytes(try await probe.certificate(for: name, at: endpoint, for: scope))
        }.wrappedValue
    }
}

/// Mail, recorded or replayed, without the login.
struct RecordedMail: MailClient {
    let calls: PortCalls<any MailClient>

    func send(_ mail: Mail, through server: MailServer, for scope: Scope) async throws(MailError) {
        _ = try await calls.async(
            "send @\(server.endpoint)",
            for: scope,
            sent: try? encodeJSON(mail),
            changes: true,
            limit: .seconds(15),
            failure: MailError.unavailable
        ) { client throws(MailError) in
            try await client.send(mail, through: server, for: scope)
            return Done()
        }
    }
}

/// Random numbers, recorded. Tokens are secrets: not even the request for one is recorded.
private struct RecordedRandomness: Randomness {
    let base: any Randomness
    let recorder: Recorder

    func fraction(for scope: Scope) -> Double {
        let question = Question(port: "random", request: "fraction", scope: scope)
        let start = recorder.begin(question)
        let fraction = base.fraction(for: scope)
        recorder.end(start, question, bytes: 0) { .value(fraction) as Answer<Double, Done> }
        return fraction
    }

    func token(bytes count: Int, for scope: Scope) -> String {
        let token = base.token(bytes: count, for: scope)
        recorder.journal.redactor.hide(token: token)
        return token
    }
}

/// The random numbers of a recording. In the place of tokens are numbered words.
private final class ReplayedRandomness: Randomness {
    private let cassette: Cassette
    private let tokens = Mutex(0)

    init(cassette: Cassette) { self.cassette = cassette }

    func fraction(for scope: Scope) -> Double {
        let exchange = cassette.exchange(Question(port: "random", request: "fraction", scope: scope))
        let answer = exchange?.answer(Double.self, Done.self, blobs: cassette.recording.blobs)
        guard case .value(let fraction) = answer, (0..<1).contains(fraction) else { return 0.5 }
        return fraction
    }

    func token(bytes count: Int, for scope: Scope) -> String {
        let number = tokens.withLock { tokens in
            tokens += 1
            return tokens
        }
        return "replayed-token-\(number)"
    }
}
