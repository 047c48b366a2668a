import System
import Emulators
import Files
import Glibc
import Log
import Model
import Ports
import Synchronization

/// Shows in the name server what the emulated provider holds: signed dynamic updates (RFC 2136) by BIND's own nsupdate.
struct DynamicZones: DNSPublisher {
    let server: NameServer
    private let numbers = Numbers()

    init(_ server: NameServer) { self.server = server }

    func publish(_ set: PublishedSet) async {
        // A file rather than a pipe: it needs no shell, whatever the contents are.
        let file = "\(server.home)/update-\(numbers.next())"
        do {
            try TextFile.write(Self.commands(for: set, at: server.address), to: file, mode: 0o600)
            defer { try? SystemFiles().remove(file, for: .run) }
            try await server.programs.run(["nsupdate", "-k", server.keyFile, file], limit: .seconds(10))
        } catch {
            writeLine("\(set.name) \(set.kind.rawValue) is not shown in DNS: \(error)", to: STDERR_FILENO)
        }
    }

    /// One update message in nsupdate's language.
    ///
    /// A CNAME has its name for itself, and BIND passes over what would stand beside one without a word: so the one gives
    /// way to the other in the same message.
    static func commands(for set: PublishedSet, at address: String) -> String {
        let name = set.name + "."
        var lines = ["server \(address)", "zone \(set.zone).", "update delete \(name) \(set.kind.rawValue)"]
        if !set.values.isEmpty {
            lines.append(set.kind == .cname ? "update delete \(name)" : "update delete \(name) CNAME")
        }
        lines += set.values.map { "update add \(name) 60 \(set.kind.rawValue) \(presented($0, as: set.kind))" }
        return (lines + ["send", ""]).joined(separator: "\n")
    }

    /// A value as a zone file writes it (RFC 1035 §5.1).
    private static func presented(_ value: String, as kind: PublishedSet.Kind) -> String {
        switch kind {
        case .a, .aaaa: return value
        case .cname: return value + "."
        case .txt:
            if value.hasPrefix("\""), value.hasSuffix("\""), value.utf8.count > 1 {
                return sanitized(value, limit: 4096)
            }
            let bytes = Array(sanitized(value, limit: 4096).utf8)
            let strings = stride(from: 0, to: max(1, bytes.count), by: 255).map { start in
                let text = String(decoding: bytes[start..<min(start + 255, bytes.count)], as: UTF8.self)
                return "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
            }
            return strings.joined(separator: " ")
        }
    }
}

private final class Numbers: Sendable {
    private let last = Mutex(0)

    func next() -> Int {
        last.withLock { number in
            number += 1
            return number
        }
    }
}
