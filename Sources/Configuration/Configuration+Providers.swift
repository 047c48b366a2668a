import FoundationEssentials
import Model
import Ports

extension Configuration {
    private static let rfc2136Names = ["RFC2136_SERVER", "RFC2136_ZONES", "RFC2136_KEY_NAME", "RFC2136_KEY_SECRET"]

    /// Needs all of its variables or none.
    static func rfc2136(_ reader: inout Reader) -> RFC2136? {
        let missing = rfc2136Names.filter { reader.text($0) == nil }
        guard missing.count < rfc2136Names.count else { return nil }
        guard missing.isEmpty else {
            let set = rfc2136Names.filter { !missing.contains($0) }
            reader.reject("\(set.joined(separator: ", ")) without \(missing.joined(separator: ", ")): set all or none")
            return nil
        }
        let algorithm = reader.value("RFC2136_KEY_ALGORITHM", standard: .sha256) {
            TSIGKey.Algorithm(rawValue: $0.lowercased())
        }
        let zones = reader.list("RFC2136_ZONES", domainName)
        guard let server = reader.optional("RFC2136_SERVER", { DNSServer($0) }),
            let name = reader.optional("RFC2136_KEY_NAME", keyName),
            let secret = reader.optional("RFC2136_KEY_SECRET", base64)
        else { return nil }
        let key = TSIGKey(name: name, algorithm: algorithm, secret: Secret(secret))
        return RFC2136(peer: DNSPeer(server: server, key: key), zones: zones)
    }

    /// The program gets Landfall's environment without Landfall's own variables, above all without its secrets.
    static func exec(_ reader: inout Reader, _ environment: [String: String]) -> Exec? {
        guard let program = reader.optional("LANDFALL_EXEC_PROVIDER", path) else { return nil }
        return Exec(program: program, environment: passedOn(from: environment))
    }

    /// The part of Landfall's environment that a user's program gets.
    static func passedOn(from environment: [String: String]) -> [String: String] {
        environment.filter { !Variable.names.contains($0.key) && !$0.key.hasPrefix("LANDFALL_") }
    }
}

/// The name of a TSIG key: letters, digits, hyphens, underscores and dots.
private func keyName(_ text: String) -> String? {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    let isName = labels.dropLast().allSatisfy { !$0.isEmpty } && labels.allSatisfy { $0.utf8.count <= 63 }
    return isPlain(text) && isName && text != "." && text.utf8.count <= 253 ? text.lowercased() : nil
}

private func base64(_ text: String) -> String? {
    guard let data = Data(base64Encoded: text), !data.isEmpty else { return nil }
    return text
}
