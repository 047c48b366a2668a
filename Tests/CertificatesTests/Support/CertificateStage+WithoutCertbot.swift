import Certificates
import DNS
import Log
import Ports
import State
import TestSupport

extension CertificateStage {
    /// A stage on the store `letsencrypt` in a scratch folder, for what needs no certbot: none can be started, unless
    /// `processes` can.
    static func withoutCertbot(
        in scratch: Scratch,
        state: StateStore,
        clock: any Clock,
        files: (any Files)? = nil,
        processes: any ProcessRunner = NoProcesses(),
        transport: (any HTTPTransport)? = nil,
        wildcardProbe: WildcardProbe? = nil,
        caaLookup: CAALookup? = nil,
        changing change: (inout CertbotSettings) -> Void = { _ in }
    ) -> CertificateStage {
        var settings = CertbotSettings(
            stateDirectory: "\(scratch.path)/state",
            hookProgram: "/usr/bin/landfall",
            socket: "\(scratch.path)/landfall.sock"
        )
        settings.configDirectory = "\(scratch.path)/letsencrypt"
        // Let's Encrypt certifies nothing in example.test.
        settings.rules = CertificateRules.none
        change(&settings)
        return CertificateStage(
            settings: settings,
            files: files ?? scratch.files,
            processes: processes,
            transport: transport,
            wildcardProbe: wildcardProbe,
            caaLookup: caaLookup,
            state: state,
            solver: DNS01Solver(
                propagation: FixedPropagation(result: .visible),
                limit: .seconds(60),
                state: state,
                clock: clock,
                randomness: FixedRandomness(),
                log: .silent
            ),
            clock: clock,
            log: .silent
        )
    }
}
