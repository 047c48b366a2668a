import Ports
import CMicroHTTPD
import Glibc
import Model
import Synchronization
import Timing

/// Passes requests from libmicrohttpd's thread to the handler, and its responses back. While a handler works, its
/// connection is suspended, so that the thread can serve others.
final class RequestDispatcher: Sendable {
    private struct Waiting {
        let connection: ServerConnection
        let work: Task<Void, Never>
    }

    private struct State {
        var isClosed = false
        var waiting: [ObjectIdentifier: Waiting] = [:]
        var streams: [ObjectIdentifier: ServerStream] = [:]
    }

    let bodyLimit: Int
    private let handlerLimit: Duration
    private let clock: any Clock
    /// Whether only clients of this process' user, and of root, are answered.
    private let isForOwner: Bool
    private let handler: HTTPServer.Handler
    let deadlines: RequestDeadlines
    /// A connection is suspended and resumed only under this lock, and resumed exactly once, when it is removed from
    /// `waiting`. libmicrohttpd must not be stopped while a connection is suspended.
    private let state = Mutex(State())

    init(
        bodyLimit: Int,
        limits: HTTPServer.Limits,
        clock: any Clock,
        isForOwner: Bool,
        handler: @escaping HTTPServer.Handler
    ) {
        self.bodyLimit = bodyLimit
        handlerLimit = limits.answer
        self.clock = clock
        (self.isForOwner, self.handler) = (isForOwner, handler)
        deadlines = RequestDeadlines(limit: limits.request, idle: limits.idle, clock: clock)
    }

    /// Called when a request is complete, and again when its response is ready.
    fileprivate func serve(_ connection: ServerConnection) -> MHD_Result {
        if let response = connection.response { return send(response, to: connection) }
        unsafe deadlines.arrived(on: connection.handle)
        if isForOwner, !connection.isFromOwner {
            return connection.send(.text("only the user that Landfall runs as is answered\n", status: 403))
        }
        if connection.isTooLarge {
            return connection.send(.text("a body has at most \(bodyLimit) bytes\n", status: 413))
        }
        return handle(connection) ? .YES : .NO
    }

    private func send(_ response: ServerResponse, to connection: ServerConnection) -> MHD_Result {
        if let stream = response.stream {
            let isClosed = state.withLock { state in
                state.streams[ObjectIdentifier(connection)] = stream
                return state.isClosed
            }
            if isClosed { stream.end() }
        }
        return connection.send(response)
    }

    /// Called when a request has ended, for whatever reason.
    fileprivate func completed(_ connection: ServerConnection) {
        _ = state.withLock { $0.streams.removeValue(forKey: ObjectIdentifier(connection)) }
        connection.response?.stream?.detach()
        unsafe deadlines.answered(on: connection.handle)
    }

    private func handle(_ connection: ServerConnection) -> Bool {
        let request = connection.request()
        return state.withLock { state in
            guard !state.isClosed else { return false }
            unsafe MHD_suspend_connection(connection.handle)
            let work = Task { self.respond(to: connection, with: await self.response(to: request)) }
            state.waiting[ObjectIdentifier(connection)] = Waiting(connection: connection, work: work)
            return true
        }
    }

    private func response(to request: ServerRequest) async -> ServerResponse {
        let response = try? await withTimeout(handlerLimit, of: clock) { [handler] in await handler(request) }
        return response ?? .text("no answer within \(handlerLimit.readable)\n", status: 503)
    }

    private func respond(to connection: ServerConnection, with response: ServerResponse) {
        state.withLock { state in
            guard state.waiting.removeValue(forKey: ObjectIdentifier(connection)) != nil else {
                // The server was closed meanwhile, so it will never be read.
                response.stream?.detach()
                return
            }
            connection.response = response
            unsafe MHD_resume_connection(connection.handle)
        }
    }

    /// Answers all waiting requests with 503 and accepts no more.
    func close() {
        let streams = state.withLock { state in
            state.isClosed = true
            for waiting in state.waiting.values {
                waiting.work.cancel()
                waiting.connection.response = .text("the server stops\n", status: 503)
                unsafe MHD_resume_connection(waiting.connection.handle)
            }
            state.waiting = [:]
            return state.streams.values
        }
        for stream in streams { stream.end() }
    }
}

/// `MHD_AccessHandlerCallback`: called with the head, then with each piece of the body, then once more at its end.
func receive(
    _ context: UnsafeMutableRawPointer?,
    _ handle: OpaquePointer?,
    _ path: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?,
    _ version: UnsafePointer<CChar>?,
    _ bytes: UnsafePointer<CChar>?,
    _ count: UnsafeMutablePointer<Int>?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let context = unsafe context, let handle = unsafe handle, let slot = unsafe slot,
        let path = unsafe path, let method = unsafe method, let count = unsafe count
    else { return .NO }
    let dispatcher = unsafe Unmanaged<RequestDispatcher>.fromOpaque(context).takeUnretainedValue()
    guard let known = unsafe slot.pointee else {
        let connection = unsafe ServerConnection(
            handle: handle,
            method: String(outside: String(cString: method)),
            path: String(outside: String(cString: path)),
            bodyLimit: dispatcher.bodyLimit
        )
        unsafe slot.pointee = unsafe Unmanaged.passRetained(connection).toOpaque()
        return .YES
    }
    let connection = unsafe Unmanaged<ServerConnection>.fromOpaque(known).takeUnretainedValue()
    guard unsafe count.pointee > 0 else { return dispatcher.serve(connection) }
    let isAccepted = unsafe connection.append(UnsafeRawBufferPointer(start: bytes, count: count.pointee))
    unsafe count.pointee = 0
    return isAccepted ? .YES : .NO
}

/// `MHD_RequestCompletedCallback`: called when a request has ended, for whatever reason.
func complete(
    _ context: UnsafeMutableRawPointer?,
    _ handle: OpaquePointer?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ reason: MHD_RequestTerminationCode
) {
    guard let known = unsafe slot?.pointee, let context = unsafe context else { return }
    let connection = unsafe Unmanaged<ServerConnection>.fromOpaque(known).takeRetainedValue()
    unsafe Unmanaged<RequestDispatcher>.fromOpaque(context).takeUnretainedValue().completed(connection)
    unsafe slot?.pointee = nil
}
