import Foundation
import Testing

/// Headless Chromium: what it makes of a page.
struct Browser {
    /// For its profile, and what it writes.
    private let directory: URL

    init(_ directory: URL) { self.directory = directory }

    /// Opens a file. Returns the page as the browser has it, and everything that it complained about.
    func open(_ path: String) throws -> (page: String, complaints: [Substring]) {
        let result = try chromium(["--enable-logging=stderr", "--dump-dom", "file://\(path)"])
        return (result.output, result.errors.split(separator: "\n").filter { $0.contains("CONSOLE") })
    }

    /// How many pixels of a page in the directory lie beside a frame of `width`, or how many of what its first `element` holds lie
    /// beside that: a CSS selector.
    func overflow(of name: String, at width: Int, in element: String = "html") throws -> Int? {
        let frame = """
            <body><iframe src="\(name)" style="width:\(width)px;height:900px;border:0" onload="
            const root = this.contentDocument.querySelector('\(element)');
            document.title = 'overflow ' + (root.scrollWidth - root.clientWidth)"></iframe></body>
            """
        let page = try directory.write(frame, to: "frame.html")
        let output = try chromium(["--allow-file-access-from-files", "--dump-dom", "file://\(page)"]).output
        guard let start = output.range(of: "<title>overflow ")?.upperBound else { return nil }
        return Int(output[start...].prefix { $0.isNumber })
    }

    /// The size of a screenshot's file: an empty page makes a small one.
    func pictureBytes(of path: String) throws -> Int {
        let picture = directory.appendingPathComponent("report.png").path
        _ = try chromium(["--window-size=1200,1600", "--screenshot=\(picture)", "file://\(path)"])
        return try FileManager.default.attributesOfItem(atPath: picture)[.size] as? Int ?? 0
    }

    private func chromium(_ arguments: [String]) throws -> ProgramResult {
        let common = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--user-data-dir=\(directory.path)/profile",
        ]
        let result = try run(Tool.chromium.require(), common + arguments)
        #expect(result.status == 0, "\(result.errors)")
        return result
    }
}
