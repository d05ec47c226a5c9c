import Foundation
import Testing

/// The report in a browser: it must load without a complaint, and fit where it is read.
@Suite struct BenchReportTests {
    @Test(.needs(.chromium)) func `the report opens without an error, on a screen and on a phone`() throws {
        try withTemporaryDirectory { directory in
            let report = directory.appendingPathComponent("report.html").path
            try withBenchServer { server, _ in
                let result = try benchClient(
                    server,
                    "--mode",
                    "mixed",
                    "-t",
                    "0.9",
                    "-i",
                    "0.2",
                    "--report",
                    report
                )
                #expect(result.status == 0, "\(result.errors)")
            }
            let (page, complaints) = try open(report, in: directory)
            #expect(page.contains("<svg"))
            #expect(page.contains("Distribution: response"))
            #expect(complaints.isEmpty, "\(complaints)")
            for width in [390, 1200] {
                #expect(try overflow(of: "report.html", at: width, in: directory) == 0)
            }
            let picture = directory.appendingPathComponent("report.png").path
            _ = try chromium(
                ["--window-size=1200,1600", "--screenshot=\(picture)", "file://\(report)"],
                in: directory
            )
            let size = try FileManager.default.attributesOfItem(atPath: picture)[.size] as? Int
            #expect(size ?? 0 > 10_000)
        }
    }

    /// Without this, the test above could not fail.
    @Test(.needs(.chromium)) func `a complaint of the browser would be seen`() throws {
        try withTemporaryDirectory { directory in
            let page = try directory.write("<script>console.error('broken')</script>", to: "broken.html")
            #expect(try !open(page, in: directory).complaints.isEmpty)
        }
    }

    private func open(_ path: String, in directory: URL) throws -> (page: String, complaints: [Substring]) {
        let result = try chromium(["--enable-logging=stderr", "--dump-dom", "file://\(path)"], in: directory)
        return (result.output, result.errors.split(separator: "\n").filter { $0.contains("CONSOLE") })
    }

    /// How many pixels of the page lie beside a frame of `width`.
    private func overflow(of name: String, at width: Int, in directory: URL) throws -> Int? {
        let frame = """
            <body><iframe src="\(name)" style="width:\(width)px;height:900px;border:0" onload="
            const root = this.contentDocument.documentElement;
            document.title = 'overflow ' + (root.scrollWidth - root.clientWidth)"></iframe></body>
            """
        let page = try directory.write(frame, to: "frame.html")
        let output = try chromium(
            ["--allow-file-access-from-files", "--dump-dom", "file://\(page)"],
            in: directory
        ).output
        guard let start = output.range(of: "<title>overflow ")?.upperBound else { return nil }
        return Int(output[start...].prefix { $0.isNumber })
    }

    private func chromium(_ arguments: [String], in directory: URL) throws -> ProgramResult {
        let common = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--user-data-dir=\(directory.path)/profile",
        ]
        let result = try run(Tool.chromium.require(), common + arguments)
        #expect(result.status == 0, "\(result.errors)")
        return result
    }
}
