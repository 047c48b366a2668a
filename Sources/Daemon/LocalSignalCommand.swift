import Composition
package import Configuration
import Docker
package import Log
import Report
package import Signals
import Threads
import Timing
import Transport

/// Signals sent on this node alone, without state or plan: what a helper service does.
package struct LocalSignalCommand: Sendable {
    private let delivery: LocalDelivery

    /// Whoever waits for the helper gives up soon after.
    private static let limit: Duration = .seconds(45)
    private static let width = 32

    package init(_ configuration: Configuration, log: Logger) {
        let engine = EngineClient(configuration.engine, transport: CurlTransport.landfall())
        delivery = LocalDelivery(engine: engine, log: log)
    }

    /// Tells of each order when it is done.
    /// - Returns: whether all were done in time and none was refused.
    package func deliver(_ orders: [SignalOrder], told: @escaping @Sendable (DeliveryLine) -> Void) async -> Bool {
        let lines = try? await withTimeout(Self.limit, of: SystemClock()) {
            await concurrentMap(orders, atMost: Self.width) { order in
                let line = DeliveryLine(order.container, await delivery.deliver(order.signal, to: order.container))
                told(line)
                return line
            }
        }
        return lines.flatMap { $0 }.map { $0.allSatisfy { $0.result != .refused } } ?? false
    }
}
