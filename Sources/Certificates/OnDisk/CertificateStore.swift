import Crypto
import Model
import Ports
import Synchronization

/// Reads certbot's own directory (`CERTBOT_CONFIG_DIR`). *Unreadable is not missing*: what cannot be read never counts as a
/// certificate that has to be ordered.
struct CertificateStore: Sendable {
    let directory: String
    let files: any Files
    let clock: any Clock
    private let known = KnownPairs()

    init(directory: String, files: any Files, clock: any Clock) {
        (self.directory, self.files, self.clock) = (directory, files, clock)
    }

    /// Every lineage of which anything exists, by name.
    func read() -> Observation<[String: LineageOnDisk]> {
        do throws(FileError) {
            let present = try names(in: "live", for: .run)
            let leftovers = Set(try names(in: "renewal", for: .run).compactMap(RenewalConfiguration.lineage))
                .union(try names(in: "archive", for: .run))
            var lineages: [String: LineageOnDisk] = [:]
            for name in present { lineages[name] = readPair(of: name) }
            known.removeAll(except: Set(lineages.keys))
            for name in leftovers.sorted() where lineages[name] == nil { lineages[name] = readRemains(of: name) }
            return .known(lineages)
        } catch {
            return .unavailable(reason: "\(error)")
        }
    }

    /// The links of a lineage as they were when it was last read; nil where nothing is known of them.
    func links(of lineage: String) -> LineageLinks? { known.links(of: lineage) }

    func read(_ lineage: String) -> LineageOnDisk {
        do throws(FileError) {
            let present = try names(in: "live", for: .certificate(lineage)).contains(lineage)
            return present ? readPair(of: lineage) ?? .absent : readRemains(of: lineage)
        } catch {
            return .unreadable("\(error)")
        }
    }

    /// Nil where it is a file, such as certbot's README, and not a lineage.
    private func readPair(of lineage: String) -> LineageOnDisk? {
        let scope = Scope.certificate(lineage)
        let folder = "\(directory)/live/\(lineage)"
        let configuration = "\(directory)/renewal/\(lineage).conf"
        let configurationFile = try? files.information(configuration, for: scope)
        do throws(FileError) {
            let state = KnownPairs.FileState(
                chain: try files.information("\(folder)/fullchain.pem", for: scope),
                key: try files.information("\(folder)/privkey.pem", for: scope),
                configuration: configurationFile
            )
            let examined = ["fullchain": state.chain, "privkey": state.key]
            known.save(LineageLinks(of: lineage, in: directory, files, examined: examined), of: lineage)
            if let known = known.lineage(lineage, files: state) { return known }
            let isSettled = state.isSettled(at: clock.now)
            let pair = try openPair(of: lineage, state, scope)
            if isSettled { known.save(pair, lineage, files: state) }
            return pair
        } catch {
            known.save(nil, of: lineage)
            // What cannot be examined counts as a lineage, and is then found unreadable.
            guard (try? files.information(folder, for: scope).kind) != .file else { return nil }
            // certbot makes it first and fills it last.
            return configurationFile?.size == 0 ? .halfWritten(configuration, isBlank: true) : .unreadable("\(error)")
        }
    }

    /// The files of a lineage, when they form a pair.
    func pair(of lineage: String) -> Observation<CertificatePair> {
        let scope = Scope.certificate(lineage)
        guard let onDisk = read(lineage).usable else { return .unavailable(reason: "\(lineage) cannot be used") }
        do throws(FileError) {
            let path = "\(directory)/live/\(lineage)"
            let chain = try files.text(of: "\(path)/fullchain.pem", for: scope)
            let key = try files.privateKey(at: "\(path)/privkey.pem", for: scope)
            return .known(CertificatePair(fingerprint: onDisk.fingerprint, chain: chain, key: key))
        } catch {
            return .unavailable(reason: "\(error)")
        }
    }

    private func openPair(of lineage: String, _ state: KnownPairs.FileState, _ scope: Scope) throws(FileError)
        -> LineageOnDisk
    {
        let path = "\(directory)/live/\(lineage)/fullchain.pem"
        let certificate = try parse(try files.read(path, limit: certbotFileLimit, for: scope), from: path)
        let key = try files.publicKeyFingerprint(at: "\(directory)/live/\(lineage)/privkey.pem", for: scope)
        let configuration = "\(directory)/renewal/\(lineage).conf"
        let text = state.configuration == nil ? nil : try? files.text(of: configuration, for: scope)
        let onDisk = CertificateOnDisk(
            lineage: lineage,
            names: certificate.names,
            fingerprint: certificate.fingerprint,
            notBefore: certificate.notBefore,
            notAfter: certificate.notAfter,
            changed: state.chain.modified,
            renewalID: certificate.renewalID,
            server: text.flatMap(RenewalConfiguration.server)
        )
        return certificate.publicKey == key ? .usable(onDisk) : .keyMismatch(onDisk)
    }

    private func parse(_ pem: [UInt8], from path: String) throws(FileError) -> CertificateFile {
        do throws(CertificateFileError) {
            return try CertificateFile(pem: pem)
        } catch {
            throw .failed(path, reason: "\(error)")
        }
    }

    /// What exists in `renewal` and `archive` of a lineage that is not in `live`.
    private func readRemains(of lineage: String) -> LineageOnDisk {
        known.save(nil, of: lineage)
        do throws(FileError) {
            let scope = Scope.certificate(lineage)
            if try names(in: "renewal", for: scope).contains("\(lineage).conf") {
                let path = "\(directory)/renewal/\(lineage).conf"
                return .halfWritten(path, isBlank: (try? files.information(path, for: scope).size) == 0)
            }
            return try names(in: "archive/\(lineage)", for: scope).isEmpty
                ? .absent : .halfWritten("\(directory)/archive/\(lineage)")
        } catch {
            return .unreadable("\(error)")
        }
    }

    /// The names in a folder of the store; none when the folder does not exist, as before certbot's first run.
    private func names(in folder: String, for scope: Scope) throws(FileError) -> [String] {
        let path = "\(directory)/\(folder)"
        if let names = try files.listIfPresent(path, for: scope) { return names }
        try refuseDanglingLink(path, for: scope)
        try refuseDanglingLink(directory, for: scope)
        return []
    }

    /// A dangling link looks missing too, but it is the sign of a volume that was not mounted.
    private func refuseDanglingLink(_ path: String, for scope: Scope) throws(FileError) {
        let components = path.split(separator: "/")
        guard let name = components.last else { return }
        let parent = "/" + components.dropLast().joined(separator: "/")
        guard try files.listIfPresent(parent, for: scope)?.contains(String(name)) == true else { return }
        do throws(FileError) {
            _ = try files.information(path, for: scope)
        } catch .missing {
            throw .failed(path, reason: "is a dangling link")
        }
    }
}

/// Far more than any chain or configuration of certbot's needs.
let certbotFileLimit = 256 << 10

extension Files {
    func text(of path: String, limit: Int = certbotFileLimit, for scope: Scope) throws(FileError) -> String {
        String(outside: try read(path, limit: limit, for: scope))
    }

    /// The names in a folder; nil where there is none.
    func listIfPresent(_ path: String, for scope: Scope) throws(FileError) -> [String]? {
        do throws(FileError) {
            return try list(path, for: scope)
        } catch .missing {
            return nil
        }
    }

    func removeIfPresent(_ path: String, for scope: Scope) throws(FileError) {
        do throws(FileError) {
            try remove(path, for: scope)
        } catch .missing {}
    }
}

/// What the disk holds under one lineage's name.
enum LineageOnDisk: Hashable, Sendable {
    case absent
    case usable(CertificateOnDisk)
    /// The private key beside it belongs to another certificate: no server can use the pair.
    case keyMismatch(CertificateOnDisk)
    /// Something is there and cannot be read or understood; a sentence that names the path.
    case unreadable(String)
    /// certbot was interrupted while it wrote a new lineage; the path of what it left. It would store the next
    /// certificate as `NAME-0001`. Blank while the renewal configuration, which it creates first and fills last, is
    /// still empty: then no program can have used what is there.
    case halfWritten(String, isBlank: Bool = false)

    var usable: CertificateOnDisk? {
        if case .usable(let certificate) = self { certificate } else { nil }
    }

    /// The certificate that the authority has made, usable or not.
    var certificate: CertificateOnDisk? {
        switch self {
        case .usable(let certificate), .keyMismatch(let certificate): certificate
        case .absent, .unreadable, .halfWritten: nil
        }
    }
}

/// Caches what each lineage held, until the sizes or times of its files change: reading a pair takes a hundred times as
/// long as examining its files.
private final class KnownPairs: Sendable {
    struct FileState: Hashable {
        let chain: FileInformation
        let key: FileInformation
        /// Nil where there is none that can be examined.
        let configuration: FileInformation?

        /// Whether a file written from now on would have another time: two writes within one tick of the file system's
        /// clock have the same.
        func isSettled(at now: Timestamp) -> Bool {
            [chain, key, configuration].compactMap(\.self).allSatisfy { now - $0.modified > .seconds(2) }
        }
    }

    private struct Entry {
        let files: FileState
        let lineage: LineageOnDisk
    }

    private let entries = Mutex<[String: Entry]>([:])
    private let links = Mutex<[String: LineageLinks]>([:])

    func lineage(_ name: String, files: FileState) -> LineageOnDisk? {
        entries.withLock { $0[name].flatMap { $0.files == files ? $0.lineage : nil } }
    }

    func save(_ lineage: LineageOnDisk, _ name: String, files: FileState) {
        entries.withLock { $0[name] = Entry(files: files, lineage: lineage) }
    }

    func removeAll(except lineages: Set<String>) {
        entries.withLock { $0 = $0.filter { lineages.contains($0.key) } }
        links.withLock { $0 = $0.filter { lineages.contains($0.key) } }
    }

    func links(of lineage: String) -> LineageLinks? { links.withLock { $0[lineage] } }

    func save(_ found: LineageLinks?, of lineage: String) { links.withLock { $0[lineage] = found } }
}
