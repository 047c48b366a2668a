import Synchronization

/// The faults that an emulator still has to make, in the order they were asked for.
package final class Faults: Sendable {
    private let faults = Mutex<[Fault]>([])

    package init() {}

    package var all: [Fault] { faults.withLock { $0 } }

    package func add(_ fault: Fault) { faults.withLock { $0.append(fault) } }

    package func clear() { faults.withLock { $0 = [] } }

    /// The effect of the first fault that matches, which is one time less from now on.
    func take(method: String, path: String, hosts: Set<String>) -> Fault.Effect? {
        faults.withLock { faults in
            let matching = faults.indices.filter { faults[$0].matches(method: method, path: path, hosts: hosts) }
            let due = matching.first { faults[$0].after ?? 0 <= 0 }
            for index in matching where index != due { faults[index].after? -= 1 }
            guard let index = due else { return nil }
            let effect = faults[index].effect
            if let times = faults[index].times {
                faults[index].times = times - 1
                if times <= 1 { faults.remove(at: index) }
            }
            return effect
        }
    }
}
