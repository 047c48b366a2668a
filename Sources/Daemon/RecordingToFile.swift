package import Configuration
package import Log
package import Model
package import Recording

/// `landfall record`: records the running daemon from its next idle moment on, or runs a daemon and records that.
package struct RecordingToFile: Sendable {
    private let configuration: Configuration
    private let file: RecordingFile

    package init(_ configuration: Configuration, file: RecordingFile) {
        (self.configuration, self.file) = (configuration, file)
    }

    /// Returns after SIGTERM or SIGINT, when the daemon stops, or when the file is full. `log` is for a daemon that it starts.
    package func run(log: Logger, progress: @escaping @Sendable (String) -> Void) async throws(UserFacingError) {
        try configuration.checkRecordable()
        let client = AdminClient(configuration)
        guard let id = try await client.beginRecording() else {
            progress(Self.isRecording)
            return try await Daemon(configuration, log: log, recording: file).run()
        }
        progress("waiting for the daemon's next idle moment")
        let end = try await SystemSignal.terminating { () async throws(UserFacingError) in
            try await fetch(id, from: client, progress)
        }
        progress(end)
    }

    private static let isRecording = "recording; Ctrl-C ends it"

    /// Fetches until it is cancelled, and then the rest. Returns why it ended.
    private func fetch(
        _ id: String,
        from client: AdminClient,
        _ progress: @Sendable (String) -> Void
    ) async throws(UserFacingError) -> String {
        do throws(UserFacingError) {
            while !Task.isCancelled {
                guard let lines = try await client.fetchRecording(id) else { return "the daemon stopped" }
                if file.size == 0, !lines.isEmpty { progress(Self.isRecording) }
                try write(lines)
                if file.isOver { break }
            }
        } catch {
            guard Task.isCancelled else { throw error }
        }
        // In a new task, because this one may be cancelled. A daemon that has ended has nothing more to send.
        let rest = await Task { () async -> [UInt8] in (try? await client.endRecording(id)) ?? [] }.value
        try write(rest)
        return file.isOver ? "the file is full" : "ended"
    }

    private func write(_ lines: [UInt8]) throws(UserFacingError) {
        guard !file.isOver else { return }
        do throws(RecordingSinkError) {
            try file.write(lines)
        } catch {
            if !file.isOver { throw UserFacingError(error.description) }
        }
    }
}
