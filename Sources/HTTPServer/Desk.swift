import CMicroHTTPD
import Glibc
import Model
import Ports
import Synchronization
import Timing

/// Brings requests from libmicrohttpd's thread to the handler and answers back. While a handler works its connection is
/// suspended, which takes it off that thread until it is resumed.
final class Desk: Sendable {
    private struct Waiting {
        let conversation: ServerConnection
        let work: Task<Void, Never>
    }

    private struct State {
        var isClosed = false
        var waiting: [ObjectIdentifier: Waiting] = [:]
        var streams: [ObjectIdentifier: ServerStream] = [:]
    }

    let bodyLimit: Int
    private let answerLimit: Duration
    private let clock: any Clock
    private let handler: HTTPServer.Handler
    /// A connection is suspended and resumed only under this lock, and resumed exactly once: whoever takes it out of
    /// `waiting` does it. libmicrohttpd must not be stopped while one is suspended.
    private let state = Mutex(State())

    init(bodyLimit: Int, answerLimit: Duration, clock: any Clock, handler: @escaping HTTPServer.Handler) {
        self.bodyLimit = bodyLimit
        self.answerLimit = answerLimit
        self.clock = clock
        self.handler = handler
    }

    /// Called once a request is whole, and again once its answer is there.
    fileprivate func serve(_ conversation: ServerConnection) -> MHD_Result {
        if let answer = conversation.answer { return send(answer, to: conversation) }
        if conversation.isTooLarge {
            return conversation.send(.text("a body has at most \(bodyLimit) bytes\n", status: 413))
        }
        return handle(conversation) ? .YES : .NO
    }

    private func send(_ answer: ServerResponse, to conversation: ServerConnection) -> MHD_Result {
        if let stream = answer.stream {
            let isClosed = state.withLock { state in
                state.streams[ObjectIdentifier(conversation)] = stream
                return state.isClosed
            }
            if isClosed { stream.end() }
        }
        return conversation.send(answer)
    }

    /// The request is over, one way or another.
    fileprivate func completed(_ conversation: ServerConnection) {
        _ = state.withLock { $0.streams.removeValue(forKey: ObjectIdentifier(conversation)) }
        conversation.answer?.stream?.detach()
    }

    private func handle(_ conversation: ServerConnection) -> Bool {
        let request = conversation.request()
        return state.withLock { state in
            guard !state.isClosed else { return false }
            unsafe MHD_suspend_connection(conversation.connection)
            let work = Task { self.answer(conversation, with: await self.answer(to: request)) }
            state.waiting[ObjectIdentifier(conversation)] = Waiting(conversation: conversation, work: work)
            return true
        }
    }

    private func answer(to request: ServerRequest) async -> ServerResponse {
        let answer = try? await withTimeout(answerLimit, of: clock) { [handler] in await handler(request) }
        return answer ?? .text("no answer within \(answerLimit.readable)\n", status: 503)
    }

    private func answer(_ conversation: ServerConnection, with answer: ServerResponse) {
        state.withLock { state in
            guard state.waiting.removeValue(forKey: ObjectIdentifier(conversation)) != nil else {
                // Nobody will ever read it.
                answer.stream?.detach()
                return
            }
            conversation.answer = answer
            unsafe MHD_resume_connection(conversation.connection)
        }
    }

    /// Ends all waiting, and takes no further request.
    func close() {
        let streams = state.withLock { state in
            state.isClosed = true
            for waiting in state.waiting.values {
                waiting.work.cancel()
                waiting.conversation.answer = .text("the server stops\n", status: 503)
                unsafe MHD_resume_connection(waiting.conversation.connection)
            }
            state.waiting = [:]
            return state.streams.values
        }
        for stream in streams { stream.end() }
    }
}

/// `MHD_AccessHandlerCallback`: once with the head, then with each piece of the body, then without one.
func receive(
    _ context: UnsafeMutableRawPointer?,
    _ connection: OpaquePointer?,
    _ path: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?,
    _ version: UnsafePointer<CChar>?,
    _ bytes: UnsafePointer<CChar>?,
    _ count: UnsafeMutablePointer<Int>?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let context = unsafe context, let connection = unsafe connection, let slot = unsafe slot,
        let path = unsafe path, let method = unsafe method, let count = unsafe count
    else { return .NO }
    let desk = unsafe Unmanaged<Desk>.fromOpaque(context).takeUnretainedValue()
    guard let known = unsafe slot.pointee else {
        let conversation = unsafe ServerConnection(
            connection: connection,
            method: String(cString: method),
            path: String(cString: path),
            bodyLimit: desk.bodyLimit
        )
        unsafe slot.pointee = unsafe Unmanaged.passRetained(conversation).toOpaque()
        return .YES
    }
    let conversation = unsafe Unmanaged<ServerConnection>.fromOpaque(known).takeUnretainedValue()
    guard unsafe count.pointee > 0 else { return desk.serve(conversation) }
    let goesOn = unsafe conversation.append(UnsafeRawBufferPointer(start: bytes, count: count.pointee))
    unsafe count.pointee = 0
    return goesOn ? .YES : .NO
}

/// `MHD_RequestCompletedCallback`: the request is over, one way or another.
func complete(
    _ context: UnsafeMutableRawPointer?,
    _ connection: OpaquePointer?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ reason: MHD_RequestTerminationCode
) {
    guard let known = unsafe slot?.pointee, let context = unsafe context else { return }
    let conversation = unsafe Unmanaged<ServerConnection>.fromOpaque(known).takeRetainedValue()
    unsafe Unmanaged<Desk>.fromOpaque(context).takeUnretainedValue().completed(conversation)
    unsafe slot?.pointee = nil
}
