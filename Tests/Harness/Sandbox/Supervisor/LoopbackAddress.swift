/// A loopback address that belongs to one sandbox, so that its servers have the ports that they have outside, DNS
/// its 53, and no other server is ever in the way.
///
/// BIND listens only on addresses that a device has, so it is added to `lo`. That two cannot add the same one makes the
/// choice safe, and the label tells whose it is when it is to be given back.
struct LoopbackAddress: Sendable {
    let folder: SandboxFolder
    let programs: ProgramRunner

    func claim() async throws(SandboxError) -> String {
        for last in 1...254 {
            let address = "127.53.0.\(last)"
            if await programs.succeeds(["ip", "address", "add", "\(address)/32", "dev", "lo", "label", label]) {
                return address
            }
        }
        throw .noAddress
    }

    func release() async throws(SandboxError) {
        try await programs.run(["ip", "address", "flush", "dev", "lo", "label", label])
    }

    private var label: String { "lo:\(folder.mark)" }
}
