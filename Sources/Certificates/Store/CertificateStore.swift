public import Model
public import Ports

/// certbot's own directory (`CERTBOT_CONFIG_DIR`), read. *Unreadable is not missing*: what cannot be seen is never taken
/// for a certificate that has to be ordered.
public struct CertificateStore: Sendable {
    /// Far more than any chain needs.
    private static let fileLimit = 256 << 10

    private let directory: String
    private let files: any Files
    private let keys: any KeyFiles
    private let clock: any Clock
    private let known = KnownPairs()

    public init(directory: String, files: any Files, keys: any KeyFiles, clock: any Clock) {
        (self.directory, self.files, self.keys, self.clock) = (directory, files, keys, clock)
    }

    /// Every lineage of which anything is there, by name.
    public func read() -> Observation<[String: LineageOnDisk]> {
        do throws(FileError) {
            let present = try names(in: "live", for: .run)
            let begun = Set(try names(in: "renewal", for: .run).compactMap(Self.lineage(ofConfiguration:)))
                .union(try names(in: "archive", for: .run))
            var lineages: [String: LineageOnDisk] = [:]
            for name in present { lineages[name] = readPair(of: name) }
            known.keep(only: Set(lineages.keys))
            for name in begun.sorted() where lineages[name] == nil { lineages[name] = readRemains(of: name) }
            return .known(lineages)
        } catch {
            return .unavailable(reason: "\(error)")
        }
    }

    public func read(_ lineage: String) -> LineageOnDisk {
        do throws(FileError) {
            let present = try names(in: "live", for: .certificate(lineage)).contains(lineage)
            return present ? readPair(of: lineage) ?? .absent : readRemains(of: lineage)
        } catch {
            return .unreadable("\(error)")
        }
    }

    /// Nil where it is no lineage but a file, such as certbot's README.
    private func readPair(of lineage: String) -> LineageOnDisk? {
        let scope = Scope.certificate(lineage)
        let folder = "\(directory)/live/\(lineage)"
        let configuration = "\(directory)/renewal/\(lineage).conf"
        let noted = try? files.information(configuration, for: scope)
        do throws(FileError) {
            let look = KnownPairs.Look(
                chain: try files.information("\(folder)/fullchain.pem", for: scope),
                key: try files.information("\(folder)/privkey.pem", for: scope),
                configuration: noted
            )
            if let known = known.lineage(lineage, looking: look) { return known }
            let isSettled = look.isSettled(at: clock.now)
            let pair = try openPair(of: lineage, look, scope)
            if isSettled { known.note(pair, lineage, looking: look) }
            return pair
        } catch {
            // What cannot be looked at counts as a lineage, and is then found unreadable.
            guard (try? files.information(folder, for: scope).kind) != .file else { return nil }
            // certbot makes it first and fills it last.
            return noted?.size == 0 ? .halfWritten(configuration, isBlank: true) : .unreadable("\(error)")
        }
    }

    /// The files of a lineage, when they fit together.
    func pair(of lineage: String) -> Observation<CertificatePair> {
        let scope = Scope.certificate(lineage)
        guard let onDisk = read(lineage).usable else { return .unavailable(reason: "\(lineage) cannot be used") }
        do throws(FileError) {
            let path = "\(directory)/live/\(lineage)"
            let chain = try files.read("\(path)/fullchain.pem", limit: Self.fileLimit, for: scope)
            let key = try keys.key(at: "\(path)/privkey.pem", for: scope)
            return .known(
                CertificatePair(
                    fingerprint: onDisk.fingerprint,
                    chain: String(decoding: chain, as: UTF8.self),
                    key: key
                )
            )
        } catch {
            return .unavailable(reason: "\(error)")
        }
    }

    private func openPair(of lineage: String, _ look: KnownPairs.Look, _ scope: Scope) throws(FileError)
        -> LineageOnDisk
    {
        let path = "\(directory)/live/\(lineage)/fullchain.pem"
        let certificate = try parse(try files.read(path, limit: Self.fileLimit, for: scope), from: path)
        let key = try keys.publicKeyFingerprint(at: "\(directory)/live/\(lineage)/privkey.pem", for: scope)
        let server = look.configuration == nil ? nil : notedServer(of: lineage, scope)
        let onDisk = CertificateOnDisk(lineage, certificate, changed: look.chain.modified, server: server)
        return certificate.publicKey == key ? .usable(onDisk) : .keyMismatch(onDisk)
    }

    private func notedServer(of lineage: String, _ scope: Scope) -> String? {
        let path = "\(directory)/renewal/\(lineage).conf"
        let bytes = (try? files.read(path, limit: Self.fileLimit, for: scope)) ?? []
        return RenewalConfiguration.server(in: String(decoding: bytes, as: UTF8.self))
    }

    private func parse(_ pem: [UInt8], from path: String) throws(FileError) -> CertificateFile {
        do throws(CertificateFileError) {
            return try CertificateFile(pem: pem)
        } catch {
            throw .failed(path, reason: "\(error)")
        }
    }

    /// What stands under `renewal` and `archive` without anything under `live`.
    private func readRemains(of lineage: String) -> LineageOnDisk {
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

    private static func lineage(ofConfiguration file: String) -> String? {
        file.hasSuffix(".conf") ? String(file.dropLast(".conf".count)) : nil
    }

    /// The names in a folder of the store; none when the folder is not there, as before certbot's first run.
    private func names(in folder: String, for scope: Scope) throws(FileError) -> [String] {
        let path = "\(directory)/\(folder)"
        do throws(FileError) {
            return try files.list(path, for: scope)
        } catch .missing {
            try refuseDanglingLink(path, for: scope)
            try refuseDanglingLink(directory, for: scope)
            return []
        }
    }

    /// A link that leads nowhere says "missing" too, yet it is the sign of a volume that was not mounted.
    private func refuseDanglingLink(_ path: String, for scope: Scope) throws(FileError) {
        let components = path.split(separator: "/")
        guard let name = components.last else { return }
        let parent = "/" + components.dropLast().joined(separator: "/")
        guard try list(parent, for: scope)?.contains(String(name)) == true else { return }
        do throws(FileError) {
            _ = try files.information(path, for: scope)
        } catch .missing {
            throw .failed(path, reason: "is a link that leads nowhere")
        }
    }

    private func list(_ path: String, for scope: Scope) throws(FileError) -> [String]? {
        do throws(FileError) {
            return try files.list(path, for: scope)
        } catch .missing {
            return nil
        }
    }
}

extension CertificateOnDisk {
    fileprivate init(_ lineage: String, _ file: CertificateFile, changed: Timestamp, server: String?) {
        self.init(
            lineage: lineage,
            names: file.names,
            fingerprint: file.fingerprint,
            notBefore: file.notBefore,
            notAfter: file.notAfter,
            changed: changed,
            renewalID: file.renewalID,
            server: server
        )
    }
}
