import Configuration
import Daemon
import Discovery
import Model
import Report

struct ExplainCommand: Subcommand {
    static let name = "explain"
    static let summary = "Explains a name: which label requests it, what DNS has, and what will happen next."
    static let help = """
        Usage: landfall explain NAME [--json]

        Explains one name: the services and labels that request it, its zone and provider, what DNS has now, its certificate,
        and why something or nothing will happen. Asks the running daemon if there is one. Changes nothing.

          --json   prints it as JSON

        Exit status: 0 when everything could be read, 1 when something could not, 2 when the arguments or the configuration
        are wrong.
        """

    private let text: String
    private let asJSON: Bool

    init(arguments: [String]) throws(UsageError) {
        let arguments = try Arguments(arguments, flags: ["--json"])
        (text, asJSON) = (try arguments.operand("a name"), arguments.has("--json"))
    }

    func run() async throws -> Int32 {
        let configuration = try Startup.configuration()
        let name = try fullName(below: configuration.discovery.defaultDomain)
        let question = NameQuestion(configuration, log: Startup.commandLog(configuration.logging))
        let explanation = try await question.ask(about: name)
        Terminal.print(asJSON ? json(explanation) : ExplanationText(explanation).description)
        return explanation.problems.isEmpty ? ExitStatus.success : ExitStatus.failure
    }

    /// The name; a short one means what it means in a label.
    private func fullName(below domain: DomainName?) throws(UsageError) -> DomainName {
        do throws(DomainNameError) {
            let name = try DomainName(text)
            guard name.labels.count == 1, let domain else { return name }
            return try name.below(domain)
        } catch {
            throw UsageError("`\(Terminal.plain(text))` is not a valid name: \(error)")
        }
    }
}
