public import Certificates
import DNS
public import Ports

/// All ways to the outside, as they were in a recording: no network, no program, nothing of this machine's disk.
public struct ReplayPorts: Sendable {
    private let tape: Cassette
    private let programs: ReplayProcesses
    public let transport: any HTTPTransport
    public let files: any Files
    public let locks: any RecordLocks
    public let keys: any KeyFiles
    public let resolver: any DNSResolver
    public let interfaces: any Interfaces
    public let updater: any DNSUpdater
    public let probe: any TLSProbe
    public let randomness: any Randomness
    public let clock: VirtualTime

    /// - Parameter isFaithful: whether everything is asked as it was. Where other settings are tried, answers are chosen
    ///   by the time they were given at.
    public init(_ recording: RecordedSession, clock: VirtualTime, isFaithful: Bool) {
        tape = Cassette(recording, clock: clock, choice: isFaithful ? .occurrence : .time)
        programs = ReplayProcesses(tape: tape, clock: clock)
        transport = ReplayTransport(tape: tape, clock: clock)
        files = ReplayFiles(tape: tape)
        locks = ReplayLocks(tape: tape)
        keys = ReplayKeys(tape: tape)
        resolver = ReplayResolver(tape: tape, clock: clock)
        interfaces = ReplayInterfaces(tape: tape)
        probe = ReplayProbe(tape: tape)
        updater = ReplayUpdater(tape: tape, clock: clock)
        randomness = ReplayRandomness(tape: tape)
        self.clock = clock
    }

    public var processes: any ProcessRunner { programs }

    /// Whom certbot's hooks call; to be said before anything runs.
    public func callHooks(_ hooks: @escaping @Sendable (HookRequest) async -> HookAnswer) {
        programs.callHooks(hooks)
    }

    /// What was asked now and not in the recording, and what was sent now in other words.
    public var strayed: [String] {
        tape.missing.map { "asked now and not then: \($0)" } + tape.differing.map { "said in other words: \($0)" }
    }
}
