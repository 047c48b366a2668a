import TestSupport
import Testing
import Threads

@Suite struct InheritingTaskTests {
    @Test func `it stays on the executor of the task that starts it, even after that ended`() async throws {
        let thread = try OneThread()
        let outer = Task(executorPreference: thread) {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return await taskOnCurrentExecutor {
                await Task.yield()
                return thread.isCurrent && !Task.isCancelled
            }.value
        }
        #expect(await outer.value)
    }

    @Test func `without an executor it is a task like any other`() async {
        #expect(await taskOnCurrentExecutor { 7 }.value == 7)
    }
}
