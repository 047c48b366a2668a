public import Ports
/// Runs `operation`, but no longer than `limit`; nil when the limit came first, and the operation was cancelled.
public func withTimeout<Value: Sendable>(
    _ limit: Duration,
    of clock: any Clock,
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value? {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await clock.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
    }
}
