import Files
import Model

/// The variables that point Landfall, and who watches it, at a sandbox.
public struct SandboxEnvironment: Sendable, Hashable {
    public let values: [String: String]

    init(_ values: [String: String]) {
        self.values = values
    }

    public subscript(name: String) -> String? { values[name] }

    /// For `eval`.
    public var exports: String {
        values.sorted { $0.key < $1.key }.map { "export \($0.key)=\(Self.quoted($0.value))\n" }.joined()
    }

    private static func quoted(_ value: String) -> String {
        let isPlain = value.utf8.allSatisfy { byte in
            Unicode.Scalar(byte).properties.isAlphabetic && byte < 128 || "0123456789/.:_-,@%+=".utf8.contains(byte)
        }
        return isPlain && !value.isEmpty ? value : "'\(value.replacing("'", with: #"'\''"#))'"
    }

    func write(to path: String) throws(FileError) {
        let text = values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined()
        // It holds the emulators' credentials; they open nothing, but nobody has to know that.
        try SystemFiles().write(Array(text.utf8), to: path, mode: 0o600, for: .run)
    }

    /// Nil when the world is not up yet.
    static func read(from path: String) -> SandboxEnvironment? {
        guard let bytes = try? SystemFiles().read(path, limit: 64 << 10, for: .run) else { return nil }
        let pairs = String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
            line.firstIndex(of: "=").map { (String(line[..<$0]), String(line[line.index(after: $0)...])) }
        }
        return SandboxEnvironment(Dictionary(pairs) { $1 })
    }
}
