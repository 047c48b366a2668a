import Glibc
import Testing
import Threads

@Suite struct ThreadTests {
    @Test func `a body runs on a thread with its name`() async throws {
        let name = try await blocking(named: "a name that is too long") {
            let descriptor = unsafe open("/proc/thread-self/comm", O_RDONLY)
            defer { close(descriptor) }
            var name = [UInt8](repeating: 0, count: 32)
            let count = unsafe read(descriptor, &name, name.count)
            return String(decoding: name.prefix(count), as: UTF8.self)
        }
        #expect(name == "a name that is \n")
    }

    @Test func `a refused thread is an error, and does not end the process`() async throws {
        await #expect(processExitsWith: .success) {
            // The limit binds nobody with root's capabilities.
            _ = setuid(65534)
            var limit = rlimit()
            unsafe getrlimit(Int32(__RLIMIT_NPROC.rawValue), &limit)
            limit.rlim_cur = 0
            unsafe setrlimit(Int32(__RLIMIT_NPROC.rawValue), &limit)
            #expect(throws: ThreadError.self) { try startThread(named: "refused") {} }
            await #expect(throws: ThreadError.self) { try await blocking(named: "refused") {} }
        }
    }
}
