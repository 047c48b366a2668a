import Composition
package import Configuration
package import Delivery
import Docker
package import Log
import Report
import Timing
import Transport

/// `landfall signal`: sends signals on this node, without state or plan. Helper services run it.
package struct LocalSignalCommand: Sendable {
    private let delivery: LocalDelivery

    /// The run that waits for the helper gives up soon after this.
    private static let limit: Duration = .seconds(45)

    package init(_ configuration: Configuration, log: Logger) {
        let engine = EngineClient(configuration.engine, transport: CurlTransport.landfall())
        delivery = LocalDelivery(engine: engine, clock: SystemClock(), log: log)
    }

    /// Sends the signals and reports each when it is done. Returns whether all were done in time and none was refused.
    package func deliver(_ orders: [SignalOrder], report: @escaping @Sendable (DeliveryLine) -> Void) async -> Bool {
        let deliveries = try? await withTimeout(Self.limit, of: SystemClock()) {
            await delivery.deliver(orders.map(LocalDelivery.Order.init)) { place, delivery in
                report(DeliveryLine(orders[place].container, delivery))
            }
        }
        return deliveries?.allSatisfy { $0.result != .refused } ?? false
    }
}
