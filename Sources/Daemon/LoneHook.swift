public import Certificates
public import Configuration
import DNS
public import Log
import Pipeline
import Ports

/// Answers the hooks of certbots that Landfall did not start: a timer's `certbot renew` finds them in the renewal
/// configuration of every certificate that Landfall got.
public struct LoneHook: Sendable {
    private let configuration: Configuration
    private let log: Logger

    public init(_ configuration: Configuration, log: Logger) {
        (self.configuration, self.log) = (configuration, log)
    }

    /// With ports of its own, in the daemon too: its session and its recording know nothing of that certbot.
    public func answer(_ request: HookRequest) async -> HookAnswer {
        guard !configuration.isDryRun else { return .refused("LANDFALL_DRY_RUN is on, so nothing is published") }
        let wiring: Wiring
        do throws(UserFacingError) {
            wiring = Wiring(configuration, ports: try .forHook(configuration), log: log, tellsLog: false)
        } catch {
            return .refused(error.description)
        }
        let (providers, allowed) = (wiring.pipeline.providers, wiring.pipeline.allowedZones)
        return await wiring.desk.serveAlone(request, zones: await ZoneDirectory.read(from: providers, allowed: allowed))
    }
}
