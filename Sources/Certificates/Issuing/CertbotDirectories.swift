import Model
import Ports

/// The directories in which Landfall's certbots work.
///
/// certbot locks its config, work and logs directories, so only one can run in each. Each certificate therefore gets a
/// private config directory of links into the real one, which several certbots then write at a time.
struct CertbotDirectories {
    struct Private: Hashable {
        let config: String
        let logs: String

        var work: String { config + "/work" }
        /// Held while the certbot or one of its hooks lives. certbot's own lock comes too late: it takes a second to load
        /// before it locks.
        var lock: String { config + "/.landfall.lock" }
        var log: String { logs + "/letsencrypt.log" }
        /// certbot's configuration file, if it gets one, and a plugin's credentials: secrets that go with the directory.
        var options: String { config + "/options.ini" }
        var credentials: String { config + "/credentials.ini" }
    }

    /// certbot's folders and the modes that it gives them.
    private static let folders: [(name: String, mode: UInt32)] = [
        ("accounts", 0o700), ("archive", 0o700), ("keys", 0o700), ("live", 0o700), ("csr", 0o755), ("renewal", 0o755),
        ("renewal-hooks", 0o755),
    ]
    private static let probeSize = 256 << 10

    let real: String
    private let root: String
    private let files: any Files

    init(settings: CertbotSettings, files: any Files) {
        real = settings.configDirectory
        root = settings.stateDirectory + "/certbot"
        self.files = files
    }

    /// certbot's lock on the real directory.
    var lock: String { real + "/.certbot.lock" }

    func directory(for name: String) -> Private {
        Private(config: "\(root)/run/\(name)", logs: "\(root)/logs/\(name)")
    }

    /// Makes the missing folders of the real directory, so that links into it do not dangle.
    func prepareReal() throws(FileError) {
        for folder in Self.folders {
            try files.makeDirectory("\(real)/\(folder.name)", mode: folder.mode, for: .run)
        }
    }

    /// Writes as much as a certificate, its key and certbot's log need to both places where certbot writes, removes it again,
    /// and tries what else certbot needs of their file systems; throws what does not work.
    func probe() throws(FileError) {
        try files.makeDirectory(root, mode: 0o700, for: .run)
        for path in ["\(real)/.landfall.probe", "\(root)/.landfall.probe"] {
            try files.write([UInt8](repeating: 0, count: Self.probeSize), to: path, mode: 0o600, for: .run)
            try files.remove(path, for: .run)
        }
        for folder in [real, root] { try files.tryFileSystem(of: folder, for: .run) }
    }

    /// Makes the private directories of `name`, even where an earlier run left something; the log starts empty.
    func prepare(_ name: String) throws(FileError) -> Private {
        let directory = directory(for: name)
        let scope = Scope.certificate(name)
        try files.makeDirectory(root, mode: 0o700, for: scope)
        try files.makeDirectory(directory.config, mode: 0o700, for: scope)
        for folder in Self.folders {
            try files.link("\(directory.config)/\(folder.name)", to: "\(real)/\(folder.name)", for: scope)
        }
        try files.removeIfPresent(directory.logs, for: scope)
        return directory
    }

    /// Removes what an interrupted certbot left of a new lineage: its renewal configuration is still empty, and it has no
    /// certificate. Leaves any other lineage alone.
    func clearRemains(of name: String) throws(FileError) {
        let scope = Scope.certificate(name)
        let mark = "\(real)/renewal/\(name).conf"
        guard (try? files.information(mark, for: scope).size) == 0 else { return }
        do throws(FileError) {
            _ = try files.information("\(real)/live/\(name)/fullchain.pem", for: scope)
            return
        } catch .missing {}
        // The mark goes last, so that it stays when this is interrupted too.
        for path in ["\(real)/live/\(name)", "\(real)/archive/\(name)", mark] {
            try files.removeIfPresent(path, for: scope)
        }
    }

    /// Lets the renewal configuration name the real directory, and removes the private one.
    ///
    /// - Parameter removingLogs: false keeps certbot's log for finding out why it failed.
    func dispose(_ name: String, removingLogs: Bool) throws(FileError) {
        let directory = directory(for: name)
        let scope = Scope.certificate(name)
        try repoint(name, from: directory)
        try files.removeIfPresent(directory.config, for: scope)
        if removingLogs { try files.removeIfPresent(directory.logs, for: scope) }
    }

    func removeLineage(_ name: String) {
        for path in ["live/\(name)", "archive/\(name)", "renewal/\(name).conf"] {
            try? files.remove("\(real)/\(path)", for: .certificate(name))
        }
    }

    /// Names of private directories that an interrupted run left.
    func leftovers() -> [String] { (try? files.list("\(root)/run", for: .run)) ?? [] }

    private func repoint(_ name: String, from directory: Private) throws(FileError) {
        let path = "\(real)/renewal/\(name).conf"
        let text: String
        do throws(FileError) {
            text = try files.text(of: path, for: .certificate(name))
        } catch .missing {
            return
        }
        let repointed = RenewalConfiguration.repoint(text, from: directory, to: real)
        guard repointed != text else { return }
        try files.write(Array(repointed.utf8), to: path, mode: 0o644, for: .certificate(name))
    }
}
