import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A file from the net into a file here, going on from what is there already.
final class Download: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    /// Seconds without a byte.
    private static let patience = 60.0
    private let request: URLRequest
    private let part: URL
    private let most: Int
    private let progress: @Sendable (Int) -> Void
    private let queue = DispatchQueue(label: "obclip.download")
    private var session: URLSession?
    private var waiter: CheckedContinuation<ObclipError?, Never>?
    private var isCancelled = false
    private var file: FileHandle?
    private var size = 0
    private var fault: ObclipError?

    /// - Parameter most: bytes that the whole file has; the part is never larger.
    init(_ source: URL, to part: URL, most: Int, progress: @escaping @Sendable (Int) -> Void) {
        (self.part, self.most, self.progress) = (part, most, progress)
        size = (try? FileManager.default.attributesOfItem(atPath: part.path)[.size] as? Int) ?? 0
        var request = URLRequest(url: source, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: Self.patience)
        request.httpShouldHandleCookies = false
        for (name, value) in [("accept-encoding", "identity"), ("user-agent", "obclip"), ("accept-language", "*")] {
            request.setValue(value, forHTTPHeaderField: name)
        }
        if size > 0 { request.setValue("bytes=\(size)-", forHTTPHeaderField: "range") }
        self.request = request
    }

    /// Throws ``ObclipError``; what has arrived stays in the part.
    func run() async throws {
        let fault = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in queue.async { self.begin(waiter) } }
        } onCancel: {
            queue.async {
                self.isCancelled = true
                self.session?.invalidateAndCancel()
            }
        }
        if Task.isCancelled { throw ObclipError.stopped("the download was stopped; what has arrived is kept for the next time") }
        if let fault { throw fault }
    }

    private func begin(_ waiter: CheckedContinuation<ObclipError?, Never>) {
        guard !isCancelled else { return waiter.resume(returning: nil) }
        self.waiter = waiter
        let delegates = OperationQueue()
        delegates.underlyingQueue = queue
        delegates.maxConcurrentOperationCount = 1
        session = URLSession(configuration: .forgetful(), delegate: self, delegateQueue: delegates)
        session?.dataTask(with: request).resume()
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        do {
            try open((response as? HTTPURLResponse)?.statusCode ?? 0)
            completionHandler(.allow)
        } catch {
            fault = fault ?? .bundle("the download cannot be kept (\(Files.reason(error))): is the disk full?")
            completionHandler(.cancel)
        }
    }

    /// From the start where the mirror knows no ranges.
    private func open(_ status: Int) throws {
        guard status == 200 || (status == 206 && size > 0) else {
            fault = .refused("the mirror answers with \(status)", status: status)
            throw CancellationError()
        }
        if !FileManager.default.fileExists(atPath: part.path) { try Data().write(to: part) }
        let file = try FileHandle(forWritingTo: part)
        if status == 200 { size = 0 }
        try file.truncate(atOffset: UInt64(size))
        try file.seekToEnd()
        self.file = file
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        guard fault == nil, let file else { return }
        do {
            guard size + data.count <= most else {
                fault = .bundle("the mirror sends more than the file has")
                throw CancellationError()
            }
            try file.write(contentsOf: data)
            size += data.count
            progress(size)
        } catch {
            fault = fault ?? .bundle("the download cannot be kept (\(Files.reason(error))): is the disk full?")
            dataTask.cancel()
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        try? file?.close()
        file = nil
        session.finishTasksAndInvalidate()
        self.session = nil
        if let error, fault == nil { fault = .unreachable("the mirror cannot be reached, or broke off (\((error as NSError).code))") }
        waiter?.resume(returning: fault)
        waiter = nil
    }
}
