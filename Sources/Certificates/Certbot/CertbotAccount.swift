import Files
import Model
import Processes
import Timing

/// The ACME account that all certificates are ordered with: registered once, before certbots run side by side.
struct CertbotAccount {
    /// No lineage begins with an underscore.
    static let directoryName = "_account"

    let settings: CertbotSettings
    let directories: CertbotDirectories
    let files: any Files
    let processes: any ProcessRunner
    let clock: any Clock

    /// Makes sure that there is one; returns why there is none.
    func ensure() async -> CertbotFailure? {
        var failure: CertbotFailure?
        for _ in 0..<CertbotFailure.tries {
            failure = await attempt()
            guard let failure, failure.isTransient else { return failure }
        }
        return failure
    }

    private func attempt() async -> CertbotFailure? {
        do throws(FileError) {
            guard try !isRegistered() else { return nil }
            let directory = try directories.prepare(Self.directoryName)
            defer { try? directories.dispose(Self.directoryName, removingLogs: false) }
            let end = await CertbotProcess(settings: settings, files: files, processes: processes, clock: clock)
                .run(.register(in: directory, settings: settings), of: [], in: directory, for: .run)
            if try isRegistered() { return nil }
            switch end {
            case .success(let failure), .failure(let failure):
                return CertbotFailure(
                    "no ACME account: \(failure.reason)",
                    isTransient: failure.isTransient,
                    costsNothing: failure.costsNothing,
                    trace: .nothing
                )
            }
        } catch {
            return CertbotFailure("\(error)", costsNothing: true)
        }
    }

    /// certbot keeps an account as `accounts/HOST/PATH/ID/regr.json`.
    private func isRegistered() throws(FileError) -> Bool {
        let folder = "\(directories.real)/accounts/\(Self.folder(of: settings.server))"
        do throws(FileError) {
            for id in try files.list(folder, for: .run) {
                if try files.list("\(folder)/\(id)", for: .run).contains("regr.json") { return true }
            }
            return false
        } catch .missing {
            return false
        }
    }

    /// The server's URL without its scheme.
    private static func folder(of server: String) -> String {
        guard let scheme = server.firstRange(of: "://") else { return server }
        return String(server[scheme.upperBound...])
    }
}
