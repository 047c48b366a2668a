import FoundationEssentials
import Model

/// A service of Landfall's own that runs once on every node it may run on, and is then removed: with as little power as its
/// task takes, which is to speak with the engine of its node.
///
/// A global service and no job: a job that fails on two nodes is tried again for ever. It requests no network; that its
/// container gets an address in the node's own bridge cannot be helped, for a Swarm knows no `none`.
package struct HelperSpec: Sendable, Encodable {
    private let name: String
    private let labels: [String: String]
    private let template: Template
    private let mode = Mode()
    var image: String { template.container.image }

    /// - Parameters:
    ///   - arguments: of the image's own program.
    ///   - constraints: on which nodes; all must hold (`node.id==…`).
    package init(name: String, labels: [String: String], image: String, arguments: [String], constraints: [String]) {
        (self.name, self.labels) = (name, labels)
        template = Template(
            container: ContainerSpec(image: image, arguments: arguments),
            placement: Placement(constraints: constraints)
        )
    }

    private enum CodingKeys: String, CodingKey {
        case name = "Name", labels = "Labels", template = "TaskTemplate", mode = "Mode"
    }

    private struct Template: Encodable {
        let container: ContainerSpec
        let placement: Placement
        let restart = Restart()
        let logs = LogDriver()

        enum CodingKeys: String, CodingKey {
            case container = "ContainerSpec", placement = "Placement", restart = "RestartPolicy", logs = "LogDriver"
        }
    }

    private struct ContainerSpec: Encodable {
        let image: String
        let arguments: [String]
        let user = "0"
        let isReadOnly = true
        let environment = ["DOCKER_HOST=unix://\(Mount.socket)"]
        let mounts = [Mount()]
        let dropped = ["ALL"]
        /// Nanoseconds.
        let grace = 1_000_000_000

        enum CodingKeys: String, CodingKey {
            case image = "Image", arguments = "Args", user = "User", isReadOnly = "ReadOnly", environment = "Env"
            case mounts = "Mounts", dropped = "CapabilityDrop", grace = "StopGracePeriod"
        }
    }

    private struct Mount: Encodable {
        static let socket = "/var/run/docker.sock"

        let type = "bind"
        let source = socket
        let target = socket
        enum CodingKeys: String, CodingKey { case type = "Type", source = "Source", target = "Target" }
    }

    private struct Placement: Encodable {
        let constraints: [String]
        enum CodingKeys: String, CodingKey { case constraints = "Constraints" }
    }

    private struct Restart: Encodable {
        let condition = "none"
        enum CodingKeys: String, CodingKey { case condition = "Condition" }
    }

    /// What it says is read through the Swarm, whatever else the engines do with logs.
    private struct LogDriver: Encodable {
        let name = "json-file"
        enum CodingKeys: String, CodingKey { case name = "Name" }
    }

    private struct Mode: Encodable {
        let global: [String: String] = [:]
        enum CodingKeys: String, CodingKey { case global = "Global" }
    }
}

/// The credentials for an image's registry.
package struct RegistryLogin: Sendable {
    private let name: String
    private let password: Secret

    /// Takes `NAME:PASSWORD`.
    package init?(_ text: String) {
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
