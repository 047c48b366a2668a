import Model

/// A zone that the root of the sandbox delegates to a server which a test may start. It lies below a public suffix, as lexicon
/// needs it.
package enum DelegatedZone {
    package static let name = "lexicon.example.org"

    /// Where its server listens, by the address of the sandbox's own name server.
    package static func address(beside address: String) -> String { address.replacing("127.53.", with: "127.54.") }

    /// Its delegation, in the root zone.
    static func records(beside address: String) -> String {
        "\(name). NS ns.\(name).\nns.\(name). A \(Self.address(beside: address))\n"
    }
}
