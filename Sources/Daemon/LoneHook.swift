package import Certificates
import Composition
package import Configuration
import DNS
package import Log
import Model
import Pipeline

/// Answers the hooks of certbots that Landfall did not start: a timer's `certbot renew` finds them in the renewal
/// configuration of every certificate that Landfall got.
package struct LoneHook: Sendable {
    private let configuration: Configuration
    private let log: Logger

    package init(_ configuration: Configuration, log: Logger) {
        (self.configuration, self.log) = (configuration, log)
    }

    /// With ports of its own, in the daemon too: its session and its recording know nothing of that certbot.
    package func answer(_ request: HookRequest) async -> HookAnswer {
        guard !configuration.isDryRun else { return .refused("LANDFALL_DRY_RUN is on, so nothing is published") }
        let wiring: Wiring
        do throws(UserFacingError) {
            wiring = Wiring(configuration, ports: try .forHook(configuration), log: log, logsNotices: false)
        } catch {
            return .refused(error.description)
        }
        let (providers, allowed) = (wiring.pipeline.providers, wiring.pipeline.allowedZones)
        return await wiring.solver.serveAlone(
            request,
            zones: await ZoneDirectory.read(from: providers, allowed: allowed)
        )
    }
}
