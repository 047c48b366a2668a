/// The variables that point Landfall, and who watches it, at a sandbox.
package struct SandboxEnvironment: Sendable, Hashable {
    package let values: [String: String]

    init(_ values: [String: String]) { self.values = values }

    package subscript(name: String) -> String? { values[name] }

    /// For `eval`.
    package var exports: String {
        values.sorted { $0.key < $1.key }.map { "export \($0.key)=\(Self.quoted($0.value))\n" }.joined()
    }

    private static func quoted(_ value: String) -> String {
        let isPlain = value.utf8.allSatisfy { byte in
            Unicode.Scalar(byte).properties.isAlphabetic && byte < 128 || "0123456789/.:_-,@%+=".utf8.contains(byte)
        }
        return isPlain && !value.isEmpty ? value : "'\(value.replacing("'", with: #"'\''"#))'"
    }

    func write(to path: String) throws(SandboxError) {
        let text = values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined()
        // It holds the emulators' credentials; they open nothing, but a reader cannot know that.
        try TextFile.write(text, to: path, mode: 0o600)
    }

    /// Nil when the sandbox is not up yet.
    static func read(from path: String) -> SandboxEnvironment? {
        guard let text = TextFile.read(path) else { return nil }
        let pairs = text.split(separator: "\n").compactMap { line -> (String, String)? in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
        return SandboxEnvironment(Dictionary(pairs) { $1 })
    }
}
