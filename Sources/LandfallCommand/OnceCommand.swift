import Certificates
import Configuration
import Daemon
import Discovery
import Model
import Pipeline
import Records
import Report
import Threads

struct OnceCommand: Subcommand {
    static let name = "once"
    static let summary = "Performs one run and prints what it did."
    static let awaitsSignals = true
    static let help = """
        Usage: landfall once [--json] [--accept-source NAME | --adopt NAME | --confirm-deletes CODE | --confirm-empty-store
                             | --forget-zone ZONE]

        Performs one run, by the running daemon if there is one, and prints what it did. It does not wait for the pause
        after a certificate's failure.

          --json                  prints the report as JSON
          --accept-source NAME    lets a new source of LANDFALL_SOURCES request what `landfall plan` shows of it
          --adopt NAME            lets this run change the record of NAME, although Landfall did not make it; internal:NAME
                                  is its record in the internal view
          --confirm-deletes CODE  deletes the records that `landfall plan` lists under that code; if the list has changed
                                  meanwhile, nothing is deleted
          --confirm-empty-store   orders certificates although the earlier ones are gone from the store
          --forget-zone ZONE      no longer holds the names of a zone that no provider lists any more

        Exit status: 0 when nothing failed, 1 when something did, the code is not that of the list or the record was not
        adopted, 2 when the arguments or the configuration are wrong.
        """

    /// What the person confirms who asks for the run.
    private enum Confirmation {
        case deletions(code: String)
        case source(SourceSettings.Name)
        /// Of the record of this name, as it was typed.
        case adoption(String)
        case emptyStore
        case goneZone(DomainName)
    }

    private let asJSON: Bool
    private let confirmation: Confirmation?

    init(arguments: [String]) throws(UsageError) {
        let flags: Set = ["--json", "--confirm-empty-store"]
        let arguments = try Arguments.options(
            arguments,
            flags: flags,
            options: ["--accept-source", "--adopt", "--confirm-deletes", "--forget-zone"]
        )
        asJSON = arguments.has("--json")
        let code = try arguments.value("--confirm-deletes", takes: "the code that `landfall plan` shows: 1a2b3c4d") {
            text in text.utf8.count == 8 && text.allSatisfy(\.isHexDigit) ? text.lowercased() : nil
        }
        let name = try arguments.value("--adopt", takes: "a host name, or internal:NAME") { text in
            (try? DomainName(served: AdoptionConfirmation.parts(of: text).name)).map { _ in text }
        }
        let zone = try arguments.value("--forget-zone", takes: "a zone's name") { try? DomainName($0) }
        let source = try arguments.value("--accept-source", takes: "traefik, traefik-file, caddy or nginx-proxy") {
            SourceSettings.Name(rawValue: $0).flatMap { $0 == .landfall ? nil : $0 }
        }
        let confirmations: [Confirmation?] = [
            source.map { .source($0) },
            code.map { .deletions(code: $0) }, name.map { .adoption($0) }, zone.map { .goneZone($0) },
            arguments.has("--confirm-empty-store") ? .emptyStore : nil,
        ]
        confirmation = confirmations.lazy.compactMap(\.self).first
        guard confirmations.count(where: { $0 != nil }) <= 1 else {
            throw UsageError(
                "only one of --accept-source, --adopt, --confirm-deletes, --confirm-empty-store and --forget-zone can be "
                    + "given"
            )
        }
    }

    func run() async throws -> Int32 {
        let configuration = try Startup.configuration()
        if case .source(let name) = confirmation, !configuration.discovery.sources.names.contains(name) {
            throw UsageError("\(name.rawValue) is not in LANDFALL_SOURCES")
        }
        let live = LiveProgress(isTerminal: Terminal.errorIsTerminal && !asJSON, isSilent: asJSON)
        let adopted = try adoptedName(below: configuration.discovery.defaultDomain)
        let run = SingleRun(
            configuration,
            log: Startup.commandLog(configuration.logging),
            confirming: text(adopting: adopted)
        )
        let result = await Result(of: { () async throws(UserFacingError) in try await run.run(progress: live.show) })
        await live.finish()
        let report = try result.get()
        Terminal.print(asJSON ? json(report) : ReportText(report).description)
        if let reason = unconfirmedReason(report, adopted, configuration.discovery.defaultDomain) {
            Terminal.error("landfall once: \(reason)")
            return ExitStatus.failure
        }
        return report.isClean ? ExitStatus.success : ExitStatus.failure
    }

    private func adoptedName(below domain: DomainName?) throws(UsageError) -> AdoptionConfirmation? {
        guard case .adoption(let text) = confirmation else { return nil }
        let (name, view) = AdoptionConfirmation.parts(of: text)
        return AdoptionConfirmation(name: try fullName(name, below: domain), view: view)
    }

    /// The confirmation as the run gets it.
    private func text(adopting adopted: AdoptionConfirmation?) -> String? {
        switch confirmation {
        case .deletions(let code): code
        case .emptyStore: MissingVolumeGuard.confirmation
        case .adoption: adopted?.text
        case .goneZone(let zone): ZoneConfirmation.text(of: zone)
        case .source(let name): SourceConfirmation.text(of: name.rawValue)
        case nil: nil
        }
    }

    /// Why what was confirmed had no effect; nil when it had.
    private func unconfirmedReason(_ report: Report, _ adopted: AdoptionConfirmation?, _ domain: DomainName?) -> String?
    {
        switch confirmation {
        case .emptyStore, .goneZone, nil: return nil
        case .source(let name):
            return report.isDryRun ? "\(name.rawValue) was not accepted: a dry run changes nothing" : nil
        case .deletions(let code):
            guard report.deletions.map({ $0.isConfirmed && $0.code == code }) != true else { return nil }
            let list =
                report.deletions.map { "the current list has the code \($0.code)" }
                ?? "no deletion waits for confirmation"
            return "\(code) confirms nothing: \(list)"
        case .adoption:
            guard let adopted else { return nil }
            // A name in no zone is served below the default domain.
            let names = [adopted.name, domain.flatMap { try? adopted.name.below($0) }]
            guard let host = report.hosts.first(where: { names.contains($0.name) && !$0.origins.isEmpty }) else {
                return "no record of \(adopted) was adopted: no label requests the name"
            }
            let records = report.records.filter { $0.host == host.name && ($0.view ?? .public) == adopted.view }
            switch RecordState(records)?.outcome {
            case .unchanged, .changed: return nil
            case .refused(let reason), .failed(let reason): return "no record of \(adopted) was adopted: \(reason)"
            case nil: return "no record of \(adopted) was adopted: no record is requested"
            }
        }
    }
}

struct PlanCommand: Subcommand {
    static let name = "plan"
    static let summary = "Shows what a run would do; changes nothing."
    static let help = """
        Usage: landfall plan [--json]

        Reads everything and shows what a run would do. It writes nothing: no record, no file, no message.

          --json   prints the plan as JSON

        Exit status: 0 when everything could be read, 1 when something could not, 2 when the configuration is wrong.
        """

    private let asJSON: Bool

    init(arguments: [String]) throws(UsageError) {
        asJSON = try Arguments.options(arguments, flags: ["--json"]).has("--json")
    }

    func run() async throws -> Int32 {
        let configuration = try Startup.configuration()
        let plan = try await SingleRun(configuration, log: Startup.commandLog(configuration.logging)).plan()
        Terminal.print(asJSON ? json(plan) : ReportText(plan).description)
        return plan.problems.isEmpty ? ExitStatus.success : ExitStatus.failure
    }
}
