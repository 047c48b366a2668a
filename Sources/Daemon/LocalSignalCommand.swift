import Composition
package import Configuration
import Docker
package import Log
import Report
package import Signals
import Threads
import Timing
import Transport

/// `landfall signal`: sends signals on this node, without state or plan. Helper services run it.
package struct LocalSignalCommand: Sendable {
    private let delivery: LocalDelivery

    /// The run that waits for the helper gives up soon after this.
    private static let limit: Duration = .seconds(45)
    private static let width = 32

    package init(_ configuration: Configuration, log: Logger) {
        let engine = EngineClient(configuration.engine, transport: CurlTransport.landfall())
        delivery = LocalDelivery(engine: engine, log: log)
    }

    /// Sends the signals and reports each when it is done. Returns whether all were done in time and none was refused.
    package func deliver(_ orders: [SignalOrder], report: @escaping @Sendable (DeliveryLine) -> Void) async -> Bool {
        let lines = try? await withTimeout(Self.limit, of: SystemClock()) {
            await concurrentMap(orders, atMost: Self.width) { order in
                let line = DeliveryLine(order.container, await delivery.deliver(order.signal, to: order.container))
                report(line)
                return line
            }
        }
        return lines.flatMap { $0 }.map { $0.allSatisfy { $0.result != .refused } } ?? false
    }
}
