package import Declarations
package import Model
package import Ports

/// Reads folders with files that declare hosts to a proxy.
package struct DeclarationFolders {
    /// Files of a folder and of those in it, their bytes, and how deep it is nested.
    private static let (mostFiles, mostBytes, deepest) = (2000, 16 << 20, 5)

    package struct Reading: Sendable {
        package var files: [DeclaringFile] = []
        /// Files that could not be read.
        package var refusals: [Refusal] = []
        /// Folders that could not be read. What is in them is not known.
        package var missing: [Refusal] = []
        fileprivate var bytes = 0

        package init() {}

        /// A sentence for each folder that could not be read.
        package var problems: [String] { missing.map { "the folder \($0.value) of traefik-file \($0.reason)" } }

        fileprivate mutating func miss(_ folder: String, _ reason: String) {
            let origin = Origin(kind: .file, id: folder, name: folder)
            missing.append(Refusal(origin: origin, label: Refusal.folderLabel, value: folder, reason: reason))
        }
    }

    private let folders: [String]
    private let files: any Files

    package init(_ folders: [String], _ files: any Files) { (self.folders, self.files) = (folders, files) }

    package func read() -> Reading {
        var reading = Reading()
        for folder in folders {
            let before = reading.files.count + reading.refusals.count
            read(folder, into: &reading, depth: 0)
            guard reading.files.count + reading.refusals.count == before, reading.missing.isEmpty else { continue }
            reading.miss(
                folder,
                "holds no file, as if it were not mounted; if that is meant, take it out of LANDFALL_SOURCES"
            )
        }
        return reading
    }

    private func read(_ folder: String, into reading: inout Reading, depth: Int) {
        let names: [String]
        do throws(FileError) {
            names = try files.list(folder, for: .run).filter { !$0.hasPrefix(".") }
        } catch {
            return reading.miss(folder, "cannot be read: \(error)")
        }
        for name in names {
            let path = "\(folder)/\(name)"
            // Only a file may end in this; nothing else has to be looked at.
            if [".yml", ".yaml", ".toml"].contains(where: name.lowercased().hasSuffix) {
                guard reading.files.count + reading.refusals.count < Self.mostFiles else {
                    return reading.miss(folder, "holds more than \(Self.mostFiles) files")
                }
                guard reading.bytes < Self.mostBytes else {
                    return reading.miss(folder, "holds more than \(Self.mostBytes >> 20) MiB")
                }
                read(file: path, into: &reading)
            } else if depth < Self.deepest, (try? files.information(path, for: .run))?.kind == .directory {
                read(path, into: &reading, depth: depth + 1)
            }
        }
    }

    private func read(file path: String, into reading: inout Reading) {
        do throws(FileError) {
            let bytes = try files.read(path, limit: DeclaringFile.longest, for: .run)
            // Traefik takes it for one without routers. It is more likely to be written right now, or its disk is full.
            guard bytes.contains(where: { !isSpace($0) }) else { throw .failed(path, reason: "is empty") }
            reading.bytes += bytes.count
            reading.files.append(DeclaringFile(path: path, bytes: bytes))
        } catch {
            let origin = Origin(kind: .file, id: path, name: path)
            reading.refusals.append(
                Refusal(origin: origin, label: "file", value: path, reason: "it cannot be read: \(error)")
            )
        }
    }

    private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
