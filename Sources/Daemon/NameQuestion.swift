public import Configuration
public import Log
public import Model
import Pipeline
public import Report
import Transport

/// `landfall explain`: why a name is managed as it is.
public struct NameQuestion: Sendable {
    private let configuration: Configuration
    private let log: Logger

    public init(_ configuration: Configuration, log: Logger) {
        (self.configuration, self.log) = (configuration, log)
    }

    /// By the running daemon where there is one, else here.
    public func ask(about name: DomainName) async throws(UserFacingError) -> Explanation {
        let transport = CurlTransport(.init(userAgent: "landfall/\(landfallVersion)"))
        let client = ControlClient(stateFolder: configuration.stateFolder, transport: transport)
        if let explanation = try await client.explain(name) { return explanation }
        return try await answer(name)
    }

    /// With ports of its own that only look: the daemon's session, and its recording, know nothing of it.
    func answer(_ name: DomainName) async throws(UserFacingError) -> Explanation {
        let ports = try Wiring.Ports.readOnly(configuration)
        return await Wiring(configuration, ports: ports, log: log, tellsLog: false).pipeline.explain(name)
    }
}
