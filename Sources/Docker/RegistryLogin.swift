import FoundationEssentials
import Model

/// What an image's registry asks for before it gives the image away.
public struct RegistryLogin: Sendable {
    private let name: String
    private let password: Secret

    /// Takes `NAME:PASSWORD`.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        (name, password) = (String(parts[0]), Secret(String(parts[1])))
    }

    /// As the header X-Registry-Auth has it (https://docs.docker.com/reference/api/engine/#section/Authentication).
    func header(for image: String) -> Secret {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let content = Content(name: name, password: password.revealed, server: Self.registry(of: image))
        let base64 = (try? encoder.encode(content))?.base64EncodedString() ?? ""
        return Secret(base64.replacing("+", with: "-").replacing("/", with: "_"))
    }

    /// The first part of an image's name, where that is a host's (https://pkg.go.dev/github.com/distribution/reference).
    static func registry(of image: String) -> String {
        let parts = image.split(separator: "/", maxSplits: 1)
        guard parts.count == 2, parts[0].contains(where: { ".:".contains($0) }) || parts[0] == "localhost" else {
            return "https://index.docker.io/v1/"
        }
        return String(parts[0])
    }

    private struct Content: Encodable {
        let name: String
        let password: String
        let server: String

        enum CodingKeys: String, CodingKey { case name = "username", password, server = "serveraddress" }
    }
}
