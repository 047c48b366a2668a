import Model
import Ports

/// The ACME accounts at the server, of which one is registered where there is none, before certbots run side by side.
struct CertbotAccounts {
    /// No lineage begins with an underscore.
    static let directoryName = "_account"
    private static let configurationLimit = 64 << 10

    let settings: CertbotSettings
    let directories: CertbotDirectories
    let files: any Files
    let processes: any ProcessRunner
    let clock: any Clock

    /// Those that can be ordered with: never none. An account that is there is used, whoever registered it.
    func ensured() async throws(CertbotFailure) -> [String] {
        var failure = CertbotFailure("no ACME account", costsNothing: true)
        for _ in 0..<CertbotFailure.tries {
            do throws(CertbotFailure) {
                return try await attempt()
            } catch {
                failure = error
            }
            guard failure.isTransient else { break }
        }
        throw failure
    }

    /// The one among `accounts` that the lineage was got with, as far as its renewal configuration tells; else the one that
    /// most lineages were got with.
    func choice(for lineage: String, among accounts: [String]) -> String? {
        guard accounts.count > 1 else { return accounts.first }
        if let own = account(of: lineage, for: lineage), accounts.contains(own) { return own }
        let names = (try? files.list("\(directories.real)/renewal", for: .certificate(lineage))) ?? []
        let used = names.filter { $0.hasSuffix(".conf") }
            .compactMap { account(of: String($0.dropLast(".conf".count)), for: lineage) }
        let uses = Dictionary(used.map { ($0, 1) }, uniquingKeysWith: +)
        return accounts.sorted().max { uses[$0, default: 0] < uses[$1, default: 0] }
    }

    /// - Parameter asking: the lineage for which it is looked up.
    private func account(of lineage: String, for asking: String) -> String? {
        let path = "\(directories.real)/renewal/\(lineage).conf"
        let bytes = try? files.read(path, limit: Self.configurationLimit, for: .certificate(asking))
        return bytes.flatMap { RenewalConfiguration.value(of: "account", in: String(decoding: $0, as: UTF8.self)) }
    }

    private func attempt() async throws(CertbotFailure) -> [String] {
        let present = try registered()
        guard present.isEmpty else { return present }
        let failure = try await register()
        let made = try registered()
        guard made.isEmpty else { return made }
        throw CertbotFailure(
            "no ACME account: \(failure.reason)",
            isTransient: failure.isTransient,
            costsNothing: failure.costsNothing,
            trace: .nothing
        )
    }

    /// Returns why there would be no account if the disk shows none.
    private func register() async throws(CertbotFailure) -> CertbotFailure {
        let directory: CertbotDirectories.Private
        let file: String?
        do throws(FileError) {
            directory = try directories.prepare(Self.directoryName)
            file = try writeBinding(in: directory)
        } catch {
            throw CertbotFailure("\(error)", costsNothing: true)
        }
        // With the file in it.
        defer { try? directories.dispose(Self.directoryName, removingLogs: false) }
        let end = await CertbotProcess(settings: settings, files: files, processes: processes, clock: clock)
            .run(.register(in: directory, bindingIn: file, settings: settings), of: [], in: directory, for: .run)
        switch end {
        case .success(let failure), .failure(let failure): return failure
        }
    }

    private func writeBinding(in directory: CertbotDirectories.Private) throws(FileError) -> String? {
        guard let binding = settings.options.binding else { return nil }
        try files.write(binding.configurationFile, to: directory.options, mode: 0o600, for: .run)
        return directory.options
    }

    private func registered() throws(CertbotFailure) -> [String] {
        do throws(FileError) {
            return try identifiers()
        } catch {
            throw CertbotFailure("\(error)", costsNothing: true)
        }
    }

    /// certbot keeps an account as `accounts/HOST/PATH/ID/regr.json`.
    private func identifiers() throws(FileError) -> [String] {
        let folder = "\(directories.real)/accounts/\(Self.folder(of: settings.server))"
        var found: [String] = []
        do throws(FileError) {
            for id in try files.list(folder, for: .run) {
                if try files.list("\(folder)/\(id)", for: .run).contains("regr.json") { found.append(id) }
            }
        } catch .missing {}
        return found
    }

    /// The server's URL without its scheme.
    private static func folder(of server: String) -> String {
        guard let scheme = server.firstRange(of: "://") else { return server }
        return String(server[scheme.upperBound...])
    }
}
