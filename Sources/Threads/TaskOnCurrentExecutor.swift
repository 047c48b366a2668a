/// Starts an unstructured task on the task executor of the one that starts it, as structured tasks do by themselves
/// (SE-0417): a replay keeps all that a session does on one.
public func taskOnCurrentExecutor<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Task<Value, Never>
{
    let executor = unsafe withUnsafeCurrentTask { unsafe $0?.unownedTaskExecutor?.asTaskExecutor() }
    return Task(executorPreference: executor, operation: body)
}

extension UnownedJob {
    /// Runs the job on the calling thread, for an executor that this thread serves alone.
    package func run(on executor: some TaskExecutor) { unsafe runSynchronously(on: executor.asUnownedTaskExecutor()) }
}
