import Ports

extension EngineClient {
    /// Runs a program in a running container, as that one's user, and returns its exit status; 126 and 127 are the shell's
    /// "cannot" and "is not there".
    public func execute(_ arguments: [String], inContainer id: String) async throws(EngineError) -> Int {
        let made: ExecCreated = try await post("/containers/\(percentEncoded(id))/exec", body: ExecRequest(arguments))
        // Not detached, so that the answer ends when the program does.
        try await act(.post, "/exec/\(percentEncoded(made.id))/start", body: ExecStart())
        let end: ExecDetails = try await get("/exec/\(percentEncoded(made.id))/json")
        return end.exitCode ?? 126
    }
}

private struct ExecRequest: Encodable {
    let arguments: [String]
    let attach = true

    init(_ arguments: [String]) {
        self.arguments = arguments
    }

    enum CodingKeys: String, CodingKey { case arguments = "Cmd", attach = "AttachStdout" }
}

private struct ExecStart: Encodable {
    let detach = false
    enum CodingKeys: String, CodingKey { case detach = "Detach" }
}

struct ExecCreated: EngineAnswer {
    let id: String
    enum CodingKeys: String, CodingKey { case id = "Id" }
}

struct ExecDetails: EngineAnswer {
    let exitCode: Int?
    enum CodingKeys: String, CodingKey { case exitCode = "ExitCode" }
}
