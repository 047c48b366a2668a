public import Files
public import Model

/// certbot's own directory (`CERTBOT_CONFIG_DIR`), read. *Unreadable is not missing*: what cannot be seen is never taken
/// for a certificate that has to be ordered.
public struct CertificateStore: Sendable {
    /// Far more than any chain needs.
    private static let fileLimit = 256 << 10

    private let directory: String
    private let files: any Files
    private let keys: any KeyFiles
    private let parsed = ParsedCertificates()

    public init(directory: String, files: any Files, keys: any KeyFiles) {
        (self.directory, self.files, self.keys) = (directory, files, keys)
    }

    /// Every lineage of which anything is there, by name.
    public func read() -> Observation<[String: LineageOnDisk]> {
        do throws(FileError) {
            let complete = Set(try names(in: "live", for: .run).filter(isDirectory))
            let begun = Set(try names(in: "renewal", for: .run).compactMap(Self.lineage(ofConfiguration:)))
                .union(try names(in: "archive", for: .run))
            var lineages: [String: LineageOnDisk] = [:]
            for name in complete.sorted() { lineages[name] = readPair(of: name) }
            for name in begun.subtracting(complete).sorted() { lineages[name] = readRemains(of: name) }
            parsed.keep(only: complete)
            return .known(lineages)
        } catch {
            return .unavailable(reason: "\(error)")
        }
    }

    public func read(_ lineage: String) -> LineageOnDisk {
        do throws(FileError) {
            let complete = try names(in: "live", for: .certificate(lineage))
            return complete.contains(lineage) ? readPair(of: lineage) : readRemains(of: lineage)
        } catch {
            return .unreadable("\(error)")
        }
    }

    private func readPair(of lineage: String) -> LineageOnDisk {
        let chainPath = "\(directory)/live/\(lineage)/fullchain.pem"
        let scope = Scope.certificate(lineage)
        do throws(FileError) {
            let chain = try files.read(chainPath, limit: Self.fileLimit, for: scope)
            let changed = try files.information(chainPath, for: scope).modified
            let key = try keys.publicKeyFingerprint(at: "\(directory)/live/\(lineage)/privkey.pem", for: scope)
            let certificate = try parse(chain, of: lineage, from: chainPath)
            let onDisk = CertificateOnDisk(lineage, certificate, changed: changed)
            return certificate.publicKey == key ? .usable(onDisk) : .keyMismatch(onDisk)
        } catch {
            return .unreadable("\(error)")
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

    private func parse(_ pem: [UInt8], of lineage: String, from path: String) throws(FileError) -> CertificateFile {
        do throws(CertificateFileError) {
            return try parsed.certificate(of: lineage, in: pem)
        } catch {
            throw .failed(path, reason: "\(error)")
        }
    }

    /// What stands under `renewal` and `archive` without anything under `live`.
    private func readRemains(of lineage: String) -> LineageOnDisk {
        do throws(FileError) {
            let scope = Scope.certificate(lineage)
            if try names(in: "renewal", for: scope).contains("\(lineage).conf") {
                return .halfWritten("\(directory)/renewal/\(lineage).conf")
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

    private func isDirectory(_ name: String) -> Bool {
        // What cannot be looked at counts as a lineage, and is then found unreadable.
        (try? files.information("\(directory)/live/\(name)", for: .run).kind) != .file
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
    fileprivate init(_ lineage: String, _ file: CertificateFile, changed: Timestamp) {
        self.init(
            lineage: lineage,
            names: file.names,
            fingerprint: file.fingerprint,
            notBefore: file.notBefore,
            notAfter: file.notAfter,
            changed: changed
        )
    }
}
