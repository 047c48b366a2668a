/// Runs `body` for every item, at most `width` at a time, and returns what it returned in the items' order.
package func concurrentMap<Item: Sendable, Value: Sendable>(
    _ items: [Item],
    atMost width: Int,
    _ body: @escaping @Sendable (Item) async -> Value
) async -> [Value] {
    await withTaskGroup(of: (Int, Value).self) { group in
        var values = [Value?](repeating: nil, count: items.count)
        var rest = items.enumerated().makeIterator()
        func startNext() {
            guard let (place, item) = rest.next() else { return }
            group.addTask { (place, await body(item)) }
        }
        for _ in 0..<max(1, width) { startNext() }
        while let (place, value) = await group.next() {
            values[place] = value
            startNext()
        }
        return values.compactMap { $0 }
    }
}

extension Result {
    /// What `body` returns or throws.
    package init(of body: () async throws(Failure) -> Success) async {
        do throws(Failure) {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}

/// Starts an unstructured task on the current task executor, as structured tasks do by themselves (SE-0417), for replays.
package func taskOnCurrentExecutor<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Task<Value, Never>
{
    let executor = unsafe withUnsafeCurrentTask { unsafe $0?.unownedTaskExecutor?.asTaskExecutor() }
    return Task(executorPreference: executor, operation: body)
}

extension UnownedJob {
    /// Runs the job on the calling thread, for an executor that this thread serves alone.
    package func run(on executor: some TaskExecutor) { unsafe runSynchronously(on: executor.asUnownedTaskExecutor()) }
}
