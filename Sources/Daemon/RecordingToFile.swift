public import Configuration
public import Log
import Model
import Ports
public import Recording
import Transport

/// `landfall record`: the running daemon's work from its next idle moment on, or else a daemon's of its own.
public struct RecordingToFile: Sendable {
    public enum Step: Sendable {
        /// A daemon was asked, and is not idle yet.
        case waiting
        case recording
        case stopped(byDaemon: Bool)
        case full
    }

    private let configuration: Configuration
    private let file: RecordingFile

    public init(_ configuration: Configuration, file: RecordingFile) {
        (self.configuration, self.file) = (configuration, file)
    }

    /// Returns after SIGTERM or SIGINT, when the daemon stops, or when the file is full.
    ///
    /// - Parameter log: of a daemon of its own.
    public func run(log: Logger, progress: @escaping @Sendable (Step) -> Void) async throws(UserFacingError) {
        if let obstacle = configuration.recordingObstacle { throw UserFacingError(obstacle) }
        let transport = CurlTransport(.init(userAgent: "landfall/\(landfallVersion)"))
        let client = RecordingClient(stateFolder: configuration.stateFolder, transport: transport)
        guard let id = try await client.begin() else {
            progress(.recording)
            return try await Daemon(configuration, log: log, recording: file).run()
        }
        progress(.waiting)
        let work = Task { await fetch(id, from: client, progress) }
        let signals = try SystemSignal.stream()
        let watch = Task {
            for await signal in signals where signal == .terminate { work.cancel() }
        }
        defer { watch.cancel() }
        progress(try await work.value.get())
    }

    /// Fetches until it is cancelled, and then the rest.
    private func fetch(
        _ id: String,
        from client: RecordingClient,
        _ progress: @Sendable (Step) -> Void
    ) async -> Result<Step, UserFacingError> {
        do throws(UserFacingError) {
            while !Task.isCancelled {
                guard let lines = try await client.fetch(id) else { return .success(.stopped(byDaemon: true)) }
                if file.size == 0, !lines.isEmpty { progress(.recording) }
                try keep(lines)
                if file.isOver { break }
            }
        } catch {
            guard Task.isCancelled else { return .failure(error) }
        }
        // In a task that was not cancelled. A daemon that is gone has no more to tell.
        let rest = await Task { () async -> [UInt8] in (try? await client.end(id)) ?? [] }.value
        do throws(UserFacingError) { try keep(rest) } catch { return .failure(error) }
        return .success(file.isOver ? .full : .stopped(byDaemon: false))
    }

    private func keep(_ lines: [UInt8]) throws(UserFacingError) {
        guard !file.isOver else { return }
        do throws(RecordingSinkError) {
            try file.write(lines)
        } catch {
            if !file.isOver { throw UserFacingError(error.description) }
        }
    }
}
