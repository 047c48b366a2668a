import Model
import Ports

/// The ACME accounts at one server. Where there is none, one is registered before certbots run side by side.
struct CertbotAccounts {
    /// No lineage begins with an underscore.
    static let directoryName = "_account"

    let context: CertbotContext

    private var settings: CertbotSettings { context.settings }
    private var files: any Files { context.ports.files }
    private var serverPath: String { settings.server.text(after: "://") ?? settings.server }
    private var folder: String { "\(settings.configDirectory)/accounts/\(serverPath)" }
    /// Not below `accounts`, where certbot would still offer them.
    private var forgottenFolder: String { "\(settings.configDirectory)/forgotten-accounts/\(serverPath)" }

    /// The accounts to order with, at least one. An account that exists is used, no matter what registered it.
    func ensure() async throws(IssuanceError) -> [String] {
        var last = IssuanceError.free("no ACME account")
        for _ in 0..<IssuanceError.tries {
            do throws(IssuanceError) {
                let present = try registered()
                return present.isEmpty ? try await register() : present
            } catch {
                last = error
            }
            guard last.isTransient else { break }
        }
        if !last.isFree { last.cause = .common }
        throw last
    }

    /// Registers another account in place of one that the authority has forgotten, whose files are kept beside all others.
    /// Does nothing where that was done before. Returns the accounts to order with.
    func replace(_ account: String) async throws(IssuanceError) -> [String] {
        if try registered().contains(account) {
            do throws(FileError) {
                try files.move("\(folder)/\(account)", to: "\(forgottenFolder)/\(account)", for: .run)
            } catch {
                throw .free(
                    "the authority no longer knows the account \(account), whose files cannot be put away: \(error)"
                )
            }
        }
        return try await ensure()
    }

    /// The account that the lineage was ordered with, by its renewal configuration; else the one that most lineages have.
    func choose(for lineage: String, among accounts: [String]) -> String? {
        guard accounts.count > 1 else { return accounts.first }
        let scope = Scope.certificate(lineage)
        if let own = account(of: lineage, scope), accounts.contains(own) { return own }
        let names = (try? files.list("\(settings.configDirectory)/renewal", for: scope)) ?? []
        let used = names.compactMap(RenewalConfiguration.lineage).compactMap { account(of: $0, scope) }
        let uses = Dictionary(used.map { ($0, 1) }, uniquingKeysWith: +)
        return accounts.sorted().max { uses[$0, default: 0] < uses[$1, default: 0] }
    }

    /// The account that the lineage would be ordered with, as its records in DNS name it.
    func account(for lineage: String) -> CAAPolicy.Account {
        guard let accounts = try? registered() else { return .unknown }
        guard let id = choose(for: lineage, among: accounts) else { return accounts.isEmpty ? .none : .unknown }
        let scope = Scope.certificate(lineage)
        guard let text = try? files.text(of: "\(folder)/\(id)/regr.json", for: scope),
            let registration = try? decodeJSON(Registration.self, from: Array(text.utf8))
        else { return .unknown }
        return .registered(uri: registration.uri)
    }

    private struct Registration: Decodable {
        let uri: String
    }

    private func account(of lineage: String, _ scope: Scope) -> String? {
        let text = try? files.text(of: "\(settings.configDirectory)/renewal/\(lineage).conf", for: scope)
        return text.flatMap { RenewalConfiguration.value(of: "account", in: $0) }
    }

    private func register() async throws(IssuanceError) -> [String] {
        let error = try await runRegistration()
        let accounts = try registered()
        guard accounts.isEmpty else { return accounts }
        let forgotten = (try? files.listIfPresent(forgottenFolder, for: .run)) ?? []
        let problem =
            forgotten.isEmpty
            ? "no ACME account"
            : "the authority no longer knows the account, whose files are kept in \(forgottenFolder), and registers no "
                + "other"
        let advice =
            "; CERTBOT_EAB_KID and CERTBOT_EAB_HMAC_KEY may be wrong or used up: ask the authority for new ones"
        throw error.withoutEffect(problem, settings.options.binding == nil || error.isFree ? "" : advice)
    }

    /// Returns the error to report if the disk shows no account.
    private func runRegistration() async throws(IssuanceError) -> IssuanceError {
        let directory: CertbotDirectories.Private
        let file: String?
        do throws(FileError) {
            directory = try context.directories.prepare(Self.directoryName)
            file = try writeBinding(in: directory)
        } catch {
            throw .free("\(error)")
        }
        // Together with the binding's file.
        defer { try? context.directories.dispose(Self.directoryName, removingLogs: false) }
        let command = CertbotCommand.register(in: directory, bindingIn: file, settings: settings)
        switch await context.run(command, of: [], in: directory, for: .run) {
        case .success(let error), .failure(let error): return error
        }
    }

    private func writeBinding(in directory: CertbotDirectories.Private) throws(FileError) -> String? {
        guard let binding = settings.options.binding else { return nil }
        try files.write(binding.configurationFile, to: directory.options, mode: 0o600, for: .run)
        return directory.options
    }

    /// certbot keeps an account as `accounts/HOST/PATH/ID/regr.json`.
    private func registered() throws(IssuanceError) -> [String] {
        do throws(FileError) {
            var found: [String] = []
            for id in try files.listIfPresent(folder, for: .run) ?? [] {
                if try files.listIfPresent("\(folder)/\(id)", for: .run)?.contains("regr.json") == true {
                    found.append(id)
                }
            }
            return found
        } catch {
            throw .free("\(error)")
        }
    }
}
